import { randomUUID } from "node:crypto";
import { actsOf } from "@/app/_server/acts.ts";
import { answer, bodyOf, json, parametersOf, problem } from "@/app/_server/answer.ts";
import { isSameOrigin } from "@/app/_server/origin.ts";
import { stores } from "@/app/_server/stores.ts";
import { wireChange } from "@/lib/contract/ingest.ts";
import { changesParams } from "@/lib/contract/read.ts";
import { readChangeList } from "@/lib/read/lists.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

const toMs = (ts: number | string): number => (typeof ts === "number" ? Math.floor(ts) : Date.parse(ts));

export function GET(request: Request): Promise<Response> {
  return answer(async () => {
    const params = parametersOf(request, changesParams);
    return json(await readChangeList(stores().reader, DEFAULT_TENANT, { params, nowMs: Date.now() }));
  });
}

/** Records a change that somebody entered by hand. */
export function POST(request: Request): Promise<Response> {
  return answer(async () => {
    if (!isSameOrigin(request))
      return problem(403, { error: "Changes are recorded from the console itself only." });
    const body = await bodyOf(request, wireChange);
    const {
      ts,
      endTs,
      detail = null,
      endpoint = null,
      node = null,
      region = null,
      ref = null,
      ...rest
    } = body;
    const atMs = toMs(ts);
    const endMs = endTs == null ? null : toMs(endTs);
    if (endMs !== null && endMs < atMs)
      return problem(400, { error: "the end lies before the start", field: "endTs" });
    const id = rest.id ?? randomUUID();
    const { kind, title, actor = null } = rest;
    const change = { id, kind, title, atMs, endMs, endpoint, node, region, detail, ref, actor };
    await actsOf(request).recordChange(DEFAULT_TENANT, change, { nowMs: Date.now(), via: "console" });
    return json({ id }, 201);
  });
}
