import { randomUUID } from "node:crypto";
import type { TenantId, WriteStore } from "../../lib/store/port.ts";
import { emptyIntake, type Intake } from "../pipeline/intake.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { type FindingCounts, findingsOf } from "./findings.ts";
import { PROBER } from "./prober.ts";
import type { Round } from "./round.ts";

export type KeptTarget = {
  readonly id: string;
  readonly endpoint: string;
  readonly otherServerName: string | null;
};

/**
 * Keeps what a round found: results and agreements; the keys that were seen through the pipeline, like those of /v1/keys; a
 * certificate that is new at a target as a change. `certificates` are the fingerprints that each node showed last. Throws a
 * WorldError when the store failed.
 */
export async function keepRound(
  target: KeptTarget,
  found: Round,
  to: {
    readonly store: Pick<WriteStore, "probes" | "findings">;
    readonly tenant: TenantId;
    readonly pipeline: Pick<Pipeline, "submit">;
    readonly certificates: Map<string, string>;
    readonly counts: FindingCounts;
    readonly nowMs: number;
  },
): Promise<void> {
  const { id: targetId, endpoint } = target;
  await to.store.probes.saveProbes(to.tenant, {
    results: found.nodes.map(({ node, atMs, probe }) => ({
      ...{ targetId, endpoint, node, atMs, ok: probe.failure === null, result: probe },
    })),
    agreements: found.agreements.map((agreement) => ({ targetId, endpoint, ...agreement })),
  });
  await to.store.findings.saveFindings(to.tenant, findingsOf(target, found.nodes, to.counts), to.nowMs);
  const intake = emptyIntake(
    { source: PROBER, transport: "probe", sender: endpoint },
    { source: PROBER, system: null, vantage: "log" },
  );
  intake.keys.push(...found.keys.map((key) => ({ endpoint, ...key })));
  noteCertificates(intake, endpoint, found, to.certificates);
  if (intake.keys.length + intake.changes.length > 0) await to.pipeline.submit(intake);
}

/** One change for one new certificate, however many nodes show it at once. */
function noteCertificates(intake: Intake, endpoint: string, found: Round, known: Map<string, string>): void {
  const fresh = new Map<
    string,
    { readonly nodes: string[]; readonly atMs: number; readonly detail: string }
  >();
  const shown = new Set(known.values());
  for (const { node, atMs, probe } of found.nodes) {
    if (!probe.certificate) continue;
    const { fingerprint256, subject, validToMs } = probe.certificate;
    const before = known.get(node);
    known.set(node, fingerprint256);
    if (before === undefined || before === fingerprint256) continue;
    const until = validToMs === null ? "" : `, valid until ${new Date(validToMs).toISOString().slice(0, 10)}`;
    const told = fresh.get(fingerprint256) ?? { nodes: [], atMs, detail: `${subject}${until}` };
    fresh.set(fingerprint256, told);
    told.nodes.push(node);
  }
  for (const [fingerprint, { nodes, atMs, detail }] of fresh) {
    const rest = nodes.length > 1 ? ` and ${nodes.length - 1} more` : "";
    // A later node with a certificate that others show already is the same change, on its way.
    const title = `${shown.has(fingerprint) ? "Certificate also" : "New certificate"} at ${nodes[0]}${rest}`;
    intake.changes.push({
      ...{ id: randomUUID(), kind: "certificate", atMs, endMs: null, endpoint, region: null },
      node: nodes.length === 1 ? (nodes[0] ?? null) : null,
      ...{ title: title.slice(0, 300), detail, ref: null, actor: "prober" },
    });
  }
}
