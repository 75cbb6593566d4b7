import { randomUUID } from "node:crypto";
import { bodyOf, HEADERS, json, parametersOf } from "@/app/_server/answer.ts";
import { keysCsv } from "@/app/_server/csv.ts";
import { guarded } from "@/app/_server/guard.ts";
import { keyEventBody, keysParams } from "@/lib/contract/read-keys.ts";
import { readKeys } from "@/lib/read/keys.ts";
import { ParameterProblem } from "@/lib/read/problem.ts";

export const dynamic = "force-dynamic";

/** An event may be planned a little ahead, not more: states follow from what was done. */
const MOST_AHEAD_MS = 300_000;

export const GET = guarded("viewer", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, keysParams);
  const reply = await readKeys(reader, tenant, { params, nowMs: Date.now() });
  if (params.format !== "csv") return json(reply);
  const type = { "content-type": "text/csv; charset=utf-8" };
  const headers = { ...HEADERS, ...type, "content-disposition": 'attachment; filename="reprise-keys.csv"' };
  return new Response(keysCsv(reply), { headers });
});

/** Records what a person says was done with a key. */
export const POST = guarded("operator", async ({ request, tenant, acts }) => {
  const body = await bodyOf(request, keyEventBody);
  const nowMs = Date.now();
  const { keyName, action, atMs = nowMs } = body;
  if (atMs > nowMs + MOST_AHEAD_MS) throw new ParameterProblem("atMs", "atMs lies in the future");
  const scope = {
    endpoint: body.endpoint || null,
    node: body.node || null,
    keyGroup: body.keyGroup || null,
  };
  const by = { actor: body.actor?.trim() || null, reason: body.reason?.trim() || null };
  const event = { id: randomUUID(), atMs, keyName, action, ...scope, ...by };
  await acts.keys.recordKeyEvent(tenant, event, { nowMs, via: "console" });
  return json({ id: event.id }, 201);
});
