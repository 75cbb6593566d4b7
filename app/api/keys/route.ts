import { randomUUID } from "node:crypto";
import { actsOf } from "@/app/_server/acts.ts";
import { answer, bodyOf, HEADERS, json, parametersOf, problem } from "@/app/_server/answer.ts";
import { keysCsv } from "@/app/_server/csv.ts";
import { isSameOrigin } from "@/app/_server/origin.ts";
import { stores } from "@/app/_server/stores.ts";
import { keyEventBody, keysParams } from "@/lib/contract/read-keys.ts";
import { readKeys } from "@/lib/read/keys.ts";
import { ParameterProblem } from "@/lib/read/problem.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** An event may be planned a little ahead, not more: states follow from what was done. */
const MOST_AHEAD_MS = 300_000;

export function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const params = parametersOf(request, keysParams);
    const reply = await readKeys(stores().reader, DEFAULT_TENANT, { params, nowMs: Date.now() });
    if (params.format !== "csv") return json(reply);
    const type = { "content-type": "text/csv; charset=utf-8" };
    const headers = { ...HEADERS, ...type, "content-disposition": 'attachment; filename="reprise-keys.csv"' };
    return new Response(keysCsv(reply), { headers });
  });
}

/** Records what a person says was done with a key. */
export function POST(request: Request): Promise<Response> {
  return answer(async () => {
    if (!isSameOrigin(request))
      return problem(403, { error: "Events of keys are recorded from the console itself only." });
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
    await actsOf(request).keys.recordKeyEvent(DEFAULT_TENANT, event, { nowMs, via: "console" });
    return json({ id: event.id }, 201);
  });
}
