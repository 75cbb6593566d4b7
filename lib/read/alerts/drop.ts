import { seriesParams } from "../../contract/read.ts";
import { lengthText } from "../../domain/alert-rule.ts";
import { inPercent, inPoints, inWhole } from "../../domain/words.ts";
import { readExpectedSeries } from "../expected.ts";
import {
  type Asked,
  compared,
  filterOf,
  type MeasureContext,
  type Measured,
  momentsOf,
  partStepMs,
} from "./measured.ts";
import { readSlices } from "./slices.ts";

const DAY_MS = 86_400_000;
const SHIFT_MS = { day: DAY_MS, week: 7 * DAY_MS } as const;
/** Alerts of a rule against what is expected: each is a read of its own. */
const MOST_EXPECTED = 25;
const NAMES = { resume_rate: "Resume rate", accept_rate: "Accept rate", offer_rate: "Offer rate" } as const;

type Reference = { readonly rate: number; readonly words: string } | null;

/** How many points a rate lies below what it was or what is usual. Too few handshakes on either side are no data. */
export async function measureDrop(context: MeasureContext, asked: Asked<"drop">): Promise<Measured[]> {
  const { condition, rule, times } = asked;
  const { against, window, metric, leastCount } = condition;
  const shiftMs = against === "expected" ? 0 : SHIFT_MS[against];
  const groups = await readSlices(context, {
    ...{ rule, metric, times, shortestMs: window, longestMs: window + shiftMs },
  });
  const measured: Measured[] = [];
  for (const { labels, over } of against === "expected" ? groups.slice(0, MOST_EXPECTED) : groups) {
    const reference =
      against === "expected"
        ? await expectations(context, asked, labels)
        : (atMs: number): Reference => {
            const { k, n } = over(atMs - window - shiftMs, atMs - shiftMs);
            return n >= Math.max(1, leastCount) ? { rate: k / n, words: `the ${against} before` } : null;
          };
    const points = momentsOf(times).map((atMs) => {
      const { k, n } = over(atMs - window, atMs);
      const before = reference(atMs);
      const value = before && n >= Math.max(1, leastCount) ? before.rate - k / n : null;
      const sample = compared(value, { direction: "above", value: condition.points, clear: condition.clear });
      return { atMs, sample, text: textOf(condition, { value, rate: n > 0 ? k / n : null, n, before }) };
    });
    measured.push({ labels, points });
  }
  return measured;
}

/** What was expected in the window that ends at a moment: the mean of its steps by handshakes. */
async function expectations(
  context: MeasureContext,
  { condition, rule, times }: Asked<"drop">,
  labels: Measured["labels"],
): Promise<(atMs: number) => Reference> {
  const { window } = condition;
  const stepMs = partStepMs(window);
  const only = Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, [value]]));
  const { series } = await readExpectedSeries(context.store, context.tenant, {
    params: seriesParams.parse({ metric: "expected_resume_rate" }),
    window: {
      fromMs: Math.floor((times.fromMs - window) / stepMs) * stepMs,
      toMs: Math.ceil((times.toMs + 1) / stepMs) * stepMs,
      stepMs,
    },
    filters: { segment: filterOf({ ...rule.scope, ...only }), outcomes: undefined, mechanisms: undefined },
    nowMs: times.toMs,
    costs: context.costs,
  });
  const points = series[0]?.points ?? [];
  return (atMs) => {
    const within = points.filter(({ t, value }) => value !== null && t >= atMs - window - stepMs && t < atMs);
    const n = within.reduce((sum, { count }) => sum + count, 0);
    if (n === 0) return null;
    const sum = within.reduce((total, { value, count }) => total + (value ?? 0) * count, 0);
    return { rate: sum / n, words: "expected" };
  };
}

function textOf(
  { metric, window, points }: Asked<"drop">["condition"],
  at: {
    readonly value: number | null;
    readonly rate: number | null;
    readonly n: number;
    readonly before: Reference;
  },
): string {
  const { value, rate, n, before } = at;
  const counted = `${inWhole(n)} handshakes in ${lengthText(window)}`;
  if (value === null || rate === null || before === null)
    return `${NAMES[metric]} cannot be compared: ${before ? "too few handshakes now" : "nothing to compare with"} (${counted})`;
  const side = value >= 0 ? "below" : "above";
  return `${NAMES[metric]} ${inPercent(rate)} of ${counted}, ${inPoints(value)} ${side} ${before.words === "expected" ? `the expected ${inPercent(before.rate)}` : `${inPercent(before.rate)} ${before.words}`}; more than ${inPoints(points)} below is too low`;
}
