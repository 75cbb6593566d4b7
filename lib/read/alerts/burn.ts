import { lengthText } from "../../domain/alert-rule.ts";
import { inPercent, inWhole } from "../../domain/words.ts";
import { mixAndRate, sumShares } from "../../stats/decompose.ts";
import { type Asked, type MeasureContext, type Measured, momentsOf } from "./measured.ts";
import { readSlices, type Sliced } from "./slices.ts";

const DAY_MS = 86_400_000;

/**
 * Burn of an error budget over two windows, as in multi-window alerts on SLOs (Google SRE workbook, chapter 5): the share that was
 * missed over the share that may be missed. It holds where both windows burn, and is over when the fast one does not.
 */
export async function measureBurn(context: MeasureContext, asked: Asked<"burn">): Promise<Measured[]> {
  const { condition, rule, times } = asked;
  const { fast, slow, metric, objective, leastCount, mostMixShare } = condition;
  const windows = { shortestMs: fast.window, longestMs: Math.max(slow.window, fast.window) };
  const groups = await readSlices(context, { rule, metric, times, ...windows });
  const measured: Measured[] = [];
  for (const { labels, over } of groups) {
    const points = momentsOf(times).map((atMs) => {
      const burns = [fast, slow].map(({ window }) => {
        const { k, n } = over(atMs - window, atMs);
        return n >= Math.max(1, leastCount) ? { burn: (1 - k / n) / (1 - objective), rate: k / n, n } : null;
      });
      const [f, s] = burns;
      const known = f && s ? f.burn : null;
      const breached = f != null && s != null && f.burn >= fast.factor && s.burn >= slow.factor;
      return {
        atMs,
        sample: { value: known, breached, cleared: f != null && f.burn < fast.factor },
        text: f
          ? `${NAMES[metric]} ${inPercent(f.rate)} of ${inWhole(f.n)} in ${lengthText(fast.window)}: the budget of ${inPercent(1 - objective)} burns ${f.burn.toFixed(1)} times as fast as it may${s ? `, ${s.burn.toFixed(1)} times over ${lengthText(slow.window)}` : ""}`
          : `${NAMES[metric]} is not known: fewer than ${inWhole(leastCount)} in ${lengthText(fast.window)}`,
      };
    });
    measured.push({ labels, points });
  }
  if (mostMixShare === undefined) return measured;
  return Promise.all(measured.map((one) => withoutMix(context, asked, { measured: one, mostMixShare })));
}

const NAMES = { accept_rate: "Accept rate", resume_rate: "Resume rate" } as const;

/** Takes back what is mix: clients of other kinds came, and nothing broke (DOMAIN 5.3). */
async function withoutMix(
  context: MeasureContext,
  { condition, rule, times }: Asked<"burn">,
  { measured, mostMixShare }: { readonly measured: Measured; readonly mostMixShare: number },
): Promise<Measured> {
  if (!measured.points.some(({ sample }) => sample.breached)) return measured;
  const { metric, fast } = condition;
  const only = Object.fromEntries(Object.entries(measured.labels).map(([name, value]) => [name, [value]]));
  const families = await readSlices(context, {
    rule: { scope: { ...rule.scope, ...only }, by: ["family"] },
    ...{ metric, times, shortestMs: fast.window, longestMs: fast.window + DAY_MS },
  });
  return {
    ...measured,
    points: measured.points.map((point) => {
      if (!point.sample.breached) return point;
      const share = mixShare(families, { atMs: point.atMs, windowMs: fast.window });
      if (share === null || share <= mostMixShare) return point;
      return {
        ...point,
        sample: { ...point.sample, breached: false, cleared: true },
        text: `${point.text}; ${inPercent(share)} of the fall since the day before is who came, so nobody is called`,
      };
    }),
  };
}

/** How much of the fall since the same window a day before is mix; null where there was no fall, or nothing before. */
function mixShare(
  families: readonly Sliced[],
  at: { readonly atMs: number; readonly windowMs: number },
): number | null {
  const parts = families.map(({ over }) => ({
    before: over(at.atMs - at.windowMs - DAY_MS, at.atMs - DAY_MS),
    after: over(at.atMs - at.windowMs, at.atMs),
  }));
  const split = mixAndRate(parts);
  if (!split || sumShares(parts.map(({ before }) => before)).n === 0) return null;
  const fall = split.mix + split.rate;
  return fall >= 0 ? null : Math.min(1, Math.max(0, split.mix / fall));
}
