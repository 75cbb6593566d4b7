import { HEADERS, problem } from "@/app/_server/answer.ts";
import { costs } from "@/app/_server/costs.ts";
import { guarded } from "@/app/_server/guard.ts";
import { readIncidentDetail } from "@/lib/read/incident-detail.ts";
import { incidentMarkdown } from "@/lib/read/incident-markdown.ts";

export const dynamic = "force-dynamic";

/** The incident as a document, for a ticket or a post-mortem. */
export const GET = guarded<{ id: string }>("viewer", async ({ tenant, reader, path: { id } }) => {
  const at = { id, nowMs: Date.now(), costs: costs() };
  const reply = await readIncidentDetail(reader, tenant, at);
  if (!reply) return problem(404, { error: "There is no incident with this id.", field: "id" });
  return new Response(incidentMarkdown(reply), {
    headers: { ...HEADERS, "content-type": "text/markdown; charset=utf-8" },
  });
});
