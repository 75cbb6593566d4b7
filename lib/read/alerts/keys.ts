import { lengthText } from "../../domain/alert-rule.ts";
import type { NodeProbe } from "../../domain/probe.ts";
import { inLength, inUtc } from "../../domain/words.ts";
import type { StoredSighting } from "../../store/port-keys.ts";
import {
  type Asked,
  compared,
  labelsOf,
  type MeasureContext,
  type Measured,
  MOST_ALERTS,
  momentsOf,
} from "./measured.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Keys are looked for so far back: an older one is older than any policy. */
const BACK_MS = 60 * DAY_MS;
const MOST_SIGHTINGS = 20_000;
/** A key that was not seen for so long tells nothing of what a node uses now. */
const STALE_MS = 6 * HOUR_MS;

/** Age of the key that each node makes tickets with (or, where that cannot be seen, opened the newest ones with), DOMAIN H02. */
export async function measureKeyAge(context: MeasureContext, asked: Asked<"key_age">): Promise<Measured[]> {
  const { condition, rule, times } = asked;
  const sightings = await context.store.keys.readSightings(context.tenant, {
    sinceMs: times.fromMs - BACK_MS,
    limit: MOST_SIGHTINGS,
  });
  const used = sightings.filter(({ use }) => use === "issued" || use === "accepted");
  const firstMs = new Map<string, number>();
  for (const { keyName, firstMs: ms } of used)
    firstMs.set(keyName, Math.min(ms, firstMs.get(keyName) ?? Number.POSITIVE_INFINITY));
  const places = Map.groupBy(used, ({ endpoint, node }) => JSON.stringify([endpoint, node]));
  return [...places.values()]
    .filter(([one]) => one !== undefined && inScope(one, rule.scope))
    .slice(0, MOST_ALERTS)
    .map((seen) => ({
      labels: labelsOf({ endpoint: seen[0]?.endpoint, node: seen[0]?.node }),
      points: momentsOf(times).map((atMs) => {
        const current = currentAt(seen, atMs);
        const ageMs = current && atMs - (firstMs.get(current.keyName) ?? current.firstMs);
        const sample = compared(ageMs === null ? null : ageMs / 1_000, {
          direction: "above",
          value: condition.most / 1_000,
        });
        const text =
          current && ageMs !== null
            ? `the ticket key ${current.keyName.slice(0, 8)} is in use since ${inUtc(atMs - ageMs, atMs)}, for ${inLength(ageMs)}; at most ${lengthText(condition.most)} is wanted`
            : "which key is in use is not known";
        return { atMs, sample, text };
      }),
    }));
}

function inScope({ endpoint, node }: StoredSighting, scope: Asked<"key_age">["rule"]["scope"]): boolean {
  return (scope.endpoint?.includes(endpoint ?? "") ?? true) && (scope.node?.includes(node ?? "") ?? true);
}

/** The key that came last of those in use; keys that tickets are made with before those that only open them. */
function currentAt(seen: readonly StoredSighting[], atMs: number): StoredSighting | null {
  const known = seen.filter(({ firstMs, lastMs }) => firstMs <= atMs && lastMs >= atMs - STALE_MS);
  const issued = known.filter(({ use }) => use === "issued");
  const order = (issued.length > 0 ? issued : known).sort((a, b) => b.firstMs - a.firstMs);
  return order[0] ?? null;
}

/** Time until the certificate that each probed node serves ends. */
export async function measureCertificates(
  context: MeasureContext,
  asked: Asked<"certificate_expiry">,
): Promise<Measured[]> {
  const { condition, rule, times } = asked;
  const probes = await context.store.probes.readNewestProbes(context.tenant);
  return probes
    .filter(
      ({ endpoint, node }) =>
        (rule.scope.endpoint?.includes(endpoint) ?? true) && (rule.scope.node?.includes(node) ?? true),
    )
    .slice(0, MOST_ALERTS)
    .map(({ endpoint, node, atMs: probedMs, result }) => ({
      labels: { endpoint, node },
      points: momentsOf(times)
        .filter((atMs) => atMs >= probedMs)
        .map((atMs) => {
          const toMs = (result as NodeProbe).certificate?.validToMs ?? null;
          const leftMs = toMs === null ? null : toMs - atMs;
          const sample = compared(leftMs === null ? null : leftMs / 1_000, {
            direction: "below",
            value: condition.least / 1_000,
          });
          return { atMs, sample, text: endText(leftMs, toMs ?? atMs) };
        }),
    }));
}

function endText(leftMs: number | null, toMs: number): string {
  if (leftMs === null) return "when the certificate ends is not known";
  const day = new Date(toMs).toISOString().slice(0, 10);
  return leftMs < 0
    ? `the certificate ended on ${day}, ${inLength(-leftMs)} ago`
    : `the certificate ends on ${day}, in ${inLength(leftMs)}`;
}
