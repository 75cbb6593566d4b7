import type { Finding } from "../../lib/domain/findings.ts";
import type { NodeProbe } from "../../lib/domain/probe.ts";
import type { FoundNode } from "./round.ts";

/** How often each finding was made since the start, and when first. */
export type FindingCounts = Map<string, { readonly firstMs: number; readonly count: number }>;

type Told = Pick<Finding, "kind" | "severity" | "title" | "evidence">;

/**
 * What a round found that deserves a look whatever the rates do: a ticket under a guessed key (FM-07), a session resumed under
 * another server name (FM-32), early data accepted twice (FM-30). Found again, each is the same finding.
 */
export function findingsOf(
  target: { readonly id: string; readonly endpoint: string; readonly otherServerName: string | null },
  nodes: readonly FoundNode[],
  counts: FindingCounts,
): Finding[] {
  return nodes.flatMap(({ node, atMs, probe }) =>
    told(node, probe, target.otherServerName).map((finding) => {
      const id = `probe-${finding.kind}-${target.id}-${node}`;
      const before = counts.get(id) ?? { firstMs: atMs, count: 0 };
      const { firstMs } = before;
      const count = before.count + 1;
      counts.set(id, { firstMs, count });
      return { id, ...finding, endpoint: target.endpoint, node, firstMs, lastMs: atMs, count };
    }),
  );
}

function told(node: string, probe: NodeProbe, otherServerName: string | null): Told[] {
  const { weakKeys, otherName, earlyData, address } = probe;
  const found: Told[] = [];
  if (weakKeys?.found)
    found.push({
      ...{ kind: "weak_key", severity: "critical", title: `A ticket of ${node} opened with a guessed key.` },
      evidence: [
        { label: "Key", value: weakKeys.found },
        { label: "Node", value: `${node} at ${address}` },
        { label: "Keys tried", value: String(weakKeys.candidates) },
      ],
    });
  if (otherName.accepted)
    found.push({
      ...{ kind: "cross_name", severity: "high" },
      title: `${node} resumed the prober's session under another server name.`,
      evidence: [
        { label: "Other name", value: otherServerName ?? "none" },
        { label: "Node", value: `${node} at ${address}` },
      ],
    });
  if (earlyData.acceptedTwice)
    found.push({
      ...{ kind: "early_data_replay", severity: "high" },
      title: `${node} accepted the prober's early data twice.`,
      evidence: [
        { label: "Early data allowed", value: `${earlyData.maxBytes ?? 0} bytes` },
        { label: "Node", value: `${node} at ${address}` },
      ],
    });
  return found;
}
