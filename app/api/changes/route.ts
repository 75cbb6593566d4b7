import { randomUUID } from "node:crypto";
import { bodyOf, json, parametersOf, problem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { wireChange } from "@/lib/contract/ingest.ts";
import { changesParams } from "@/lib/contract/read.ts";
import { readChangeList } from "@/lib/read/lists.ts";

export const dynamic = "force-dynamic";

const toMs = (ts: number | string): number => (typeof ts === "number" ? Math.floor(ts) : Date.parse(ts));

export const GET = guarded("viewer", async ({ request, tenant, reader }) => {
  const params = parametersOf(request, changesParams);
  return json(await readChangeList(reader, tenant, { params, nowMs: Date.now() }));
});

/** Records a change that somebody entered by hand. */
export const POST = guarded("operator", async ({ request, tenant, acts }) => {
  const body = await bodyOf(request, wireChange);
  const { ts, endTs, detail = null, endpoint = null, node = null, region = null, ref = null, ...rest } = body;
  const atMs = toMs(ts);
  const endMs = endTs == null ? null : toMs(endTs);
  if (endMs !== null && endMs < atMs)
    return problem(400, { error: "the end lies before the start", field: "endTs" });
  const id = rest.id ?? randomUUID();
  const { kind, title, actor = null } = rest;
  const change = { id, kind, title, atMs, endMs, endpoint, node, region, detail, ref, actor };
  await acts.recordChange(tenant, change, { nowMs: Date.now(), via: "console" });
  return json({ id }, 201);
});
