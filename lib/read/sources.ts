import type { SourcesReply, SourceView, TruthView } from "../contract/read-sources.ts";
import { INVARIANTS } from "../domain/invariants.ts";
import { addResult, type Counts, noCounts, rateOf, resumeShare } from "../domain/rates.ts";
import { silentSinceMs } from "../domain/silence.ts";
import { choiceOf, preferredVantage } from "../domain/truth.ts";
import type { ReadStore, SourceKey, SourceMinute, StoredSource, TenantId } from "../store/port.ts";
import type { Coverage, TruthChoice } from "../store/port-views.ts";
import { sharedProducts } from "./views.ts";

const MINUTE_MS = 60_000;
/** Minutes that the page draws. */
const SHOWN_MINUTES = 60;
/** How far back a sender's habit is looked at. */
const HABIT_MS = 86_400_000;
/** The rate is of this many whole minutes. */
const RATE_MINUTES = 5;
/** Two views are compared over this window. */
const COMPARED_MS = 3_600_000;

/** Answers /api/sources: who sends, how fresh, how much, what was refused, and where two views tell of the same. */
export async function readSourceList(
  store: ReadStore,
  tenant: TenantId,
  nowMs: number,
): Promise<SourcesReply> {
  const [sources, minutes, coverage, choices] = [
    await store.readSources(tenant),
    await store.readSourceMinutes(tenant, { fromMs: nowMs - HABIT_MS, toMs: nowMs + MINUTE_MS }),
    await store.readCoverage(tenant),
    await store.readTruthChoices(tenant),
  ];
  const bySender = Map.groupBy(minutes, keyOf);
  return {
    nowMs,
    sources: sources.map((source) => viewOf(source, bySender.get(keyOf(source)) ?? [], nowMs)),
    truths: await truthsOf(store, tenant, { coverage, choices, nowMs }),
  };
}

const keyOf = ({ source, transport, sender }: SourceKey): string =>
  JSON.stringify([source, transport, sender]);

function viewOf(source: StoredSource, minutes: readonly SourceMinute[], nowMs: number): SourceView {
  const thisMinuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const byMinute = new Map(minutes.map((m) => [m.minuteMs, m]));
  const shown = Array.from({ length: SHOWN_MINUTES }, (_, i) => {
    const minuteMs = thisMinuteMs - (SHOWN_MINUTES - 1 - i) * MINUTE_MS;
    const { accepted = 0, rejected = 0, lagMs = null } = byMinute.get(minuteMs) ?? {};
    return { minuteMs, accepted, rejected, lagMs };
  });
  const whole = shown.slice(-1 - RATE_MINUTES, -1).filter((m) => m.minuteMs + MINUTE_MS > source.firstSeenMs);
  const activeMinutesMs = minutes.map(({ minuteMs }) => minuteMs);
  return {
    ...source,
    rejections: [...source.rejections],
    breaches: source.breaches.map((b) => ({ ...b, sentence: INVARIANTS[b.invariant] })),
    perMinute: whole.length === 0 ? null : whole.reduce((sum, m) => sum + m.accepted, 0) / whole.length,
    lagMs: shown.findLast((m) => m.lagMs !== null)?.lagMs ?? null,
    silentSinceMs: silentSinceMs({ lastSeenMs: source.lastSeenMs, activeMinutesMs }, nowMs),
    minutes: shown,
  };
}

type Known = {
  readonly coverage: readonly Coverage[];
  readonly choices: readonly TruthChoice[];
  readonly nowMs: number;
};

/** Products that are seen from more than one vantage, each with what it says of the last hour. */
async function truthsOf(store: ReadStore, tenant: TenantId, known: Known): Promise<TruthView[]> {
  const { coverage, choices, nowMs } = known;
  const shared = sharedProducts(coverage);
  if (shared.length === 0) return [];
  const counts = await countsBySource(store, tenant, nowMs);
  return shared.map(({ node, system, views: byVantage }) => {
    const side = (views: readonly Coverage[] | undefined) => {
      if (!views) return null;
      const sources = views.flatMap((view) => view.sources);
      const sum = sources.reduce(
        (all, source) => merge(all, counts.get(JSON.stringify([source, node]))),
        noCounts(),
      );
      const { k, n } = resumeShare(sum);
      return {
        sources,
        firstMs: Math.min(...views.flatMap(({ spans }) => spans.map(({ fromMs }) => fromMs))),
        lastMs: Math.max(...views.flatMap(({ spans }) => spans.map(({ toMs }) => toMs))),
        completed: n,
        resumeRate: rateOf({ k, n }),
      };
    };
    const chosen = choiceOf({ node, system }, choices) !== undefined;
    return {
      ...{ node, system, log: side(byVantage.get("log")) },
      ...{ wire: side(byVantage.get("wire")), counters: side(byVantage.get("counters")) },
      used: preferredVantage({ node, system }, { seen: coverage, choices }),
      chosen,
    };
  });
}

async function countsBySource(
  store: ReadStore,
  tenant: TenantId,
  nowMs: number,
): Promise<Map<string, Counts>> {
  const window = { fromMs: nowMs - COMPARED_MS, toMs: nowMs + MINUTE_MS, stepMs: MINUTE_MS };
  const { rows } = await store.readRollups(tenant, { ...window, by: ["source", "node"] });
  const counts = new Map<string, Counts>();
  for (const row of rows) {
    const key = JSON.stringify([row.group.source, row.group.node]);
    counts.set(key, addResult(counts.get(key) ?? noCounts(), row, row.count));
  }
  return counts;
}

function merge(all: Counts, more: Counts | undefined): Counts {
  if (more) {
    all.full += more.full;
    all.resumed += more.resumed;
  }
  return all;
}
