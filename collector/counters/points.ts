import type { Grant } from "../../lib/domain/source-token.ts";
import { placeProblem } from "../access/allowed.ts";
import { type TimeWindow, timeProblem } from "../pipeline/intake.ts";
import { isName } from "../pipeline/names.ts";
import { observationsOf } from "../sources/metric-points.ts";
import type {
  MetricDefaults,
  MetricPoint,
  MetricSource,
  Observation,
  Placement,
} from "../sources/metric-source.ts";

/** Whose points they are, as the push says: labels of a scrape target, a resource, a datagram's tags. */
export type Producer = MetricDefaults & {
  /** Node, or the `instance` label: by this the Sources page tells senders apart; no name: "". */
  readonly sender: string;
  /** What tells processes of one sender apart (job, service instance): their counters are not one. May be "". */
  readonly process: string;
};

/** The observations of one source and sender in a push, and why points of theirs were refused, with how many. */
export type ObservedGroup = {
  readonly source: MetricSource;
  readonly sender: string;
  readonly observations: readonly Observation[];
  readonly refusals: ReadonlyMap<string, number>;
};

/** `ignored`: no source counts by this name, or the value is none (NaN: a series that ended, a number not known). */
export type PointFate =
  | { readonly kind: "taken" | "ignored" }
  | { readonly kind: "refused"; readonly reason: string };

const TAKEN: PointFate = { kind: "taken" };
const IGNORED: PointFate = { kind: "ignored" };

type Group = {
  readonly source: MetricSource;
  readonly sender: string;
  /** Points with their places, by the region that they are in. */
  readonly placements: Map<string | null, Map<MetricPoint, Placement>>;
  readonly startsMs: Map<string, number>;
  readonly refusals: Map<string, number>;
};

/**
 * Groups the points of one push into observations: those of one source, sender, scope and moment belong together, since
 * what an increase means often depends on several counters.
 */
export class PointGroups {
  readonly #sources: readonly MetricSource[];
  readonly #window: TimeWindow;
  readonly #grant: Grant | null;
  readonly #groups = new Map<string, Group>();

  constructor(sources: readonly MetricSource[], window: TimeWindow, grant: Grant | null = null) {
    this.#grant = grant;
    this.#sources = sources;
    this.#window = window;
  }

  /** Takes a point, unless there is a problem with it already; says what became of it. Never throws. */
  add(point: MetricPoint, producer: Producer, problem: string | null = null): PointFate {
    for (const source of this.#sources) {
      const placement = source.place?.(point, producer) ?? null;
      if (placement === null) continue;
      const { process } = producer;
      const scope = process === "" ? placement.scope : `${process} ${placement.scope}`;
      return this.#take({ point, producer, source, placement: { ...placement, scope }, problem });
    }
    return IGNORED;
  }

  /** Everything that was taken. */
  groups(): ObservedGroup[] {
    return [...this.#groups.values()].map((group) => ({
      source: group.source,
      sender: group.sender,
      observations: [...group.placements].flatMap(([region, placements]) =>
        observationsIn(group, placements, region),
      ),
      refusals: group.refusals,
    }));
  }

  #take(placed: Placed): PointFate {
    const { point, producer, placement, problem } = placed;
    if (!Number.isFinite(point.value)) return IGNORED;
    const group = this.#group(placed);
    const reason =
      problem ??
      problemOf(placed) ??
      timeProblem(point.atMs, this.#window) ??
      placeProblem(this.#grant, placement, group.sender);
    if (reason !== null) {
      group.refusals.set(reason, (group.refusals.get(reason) ?? 0) + 1);
      return { kind: "refused", reason };
    }
    const placements = group.placements.get(producer.region) ?? new Map<MetricPoint, Placement>();
    group.placements.set(producer.region, placements.set(point, placement));
    if (point.startedMs !== null) {
      const key = momentKey(point.atMs, placement.scope);
      group.startsMs.set(key, Math.min(point.startedMs, group.startsMs.get(key) ?? point.startedMs));
    }
    return TAKEN;
  }

  #group({ source, producer }: Placed): Group {
    const sender = isName(producer.sender) ? producer.sender : "";
    const key = JSON.stringify([source.name, sender]);
    const group = this.#groups.get(key) ?? {
      source,
      sender,
      placements: new Map(),
      startsMs: new Map(),
      refusals: new Map(),
    };
    this.#groups.set(key, group);
    return group;
  }
}

type Placed = {
  readonly point: MetricPoint;
  readonly producer: Producer;
  readonly source: MetricSource;
  readonly placement: Placement;
  readonly problem: string | null;
};

const momentKey = (atMs: number, scope: string): string => `${atMs} ${scope}`;

/** A series that first appeared later has begun later: the process began with the first. */
function observationsIn(
  group: Group,
  placements: ReadonlyMap<MetricPoint, Placement>,
  region: string | null,
): Observation[] {
  const place = (point: MetricPoint): Placement | null => placements.get(point) ?? null;
  return observationsOf(placements.keys(), place, { endpoint: null, node: null, region }).map(
    (observation) => ({
      ...observation,
      startedMs: group.startsMs.get(momentKey(observation.atMs, observation.scope)) ?? null,
    }),
  );
}

function problemOf({ point, placement, producer }: Placed): string | null {
  if (!placement.gauge && point.value < 0) return "a counter is below zero";
  if (Math.abs(point.value) > Number.MAX_SAFE_INTEGER) return "a number is larger than can be counted";
  const { endpoint, node, scope, counter } = placement;
  const names = [endpoint, node, producer.region, scope, counter];
  return names.every((name) => name === null || isName(name))
    ? null
    : "a name is longer than 253 characters, or holds some that do not show";
}
