import { json, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { readEffect } from "@/lib/read/effect.ts";

export const dynamic = "force-dynamic";

export const GET = guarded<{ id: string }>("viewer", async ({ tenant, reader, path: { id } }) => {
  const effect = await readEffect(reader, tenant, { id, nowMs: Date.now() });
  return effect ? json(effect) : problem(404, { error: "There is no change with this id.", field: "id" });
});
