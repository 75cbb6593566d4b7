import type { z } from "zod";
import type {
  KeyGroupView,
  KeyRowView,
  KeysReply,
  KeyUsesReply,
  keysParams,
  keyUsesParams,
  RotationView,
} from "../contract/read-keys.ts";
import { type Exposure, exposureSentence } from "../domain/key-exposure.ts";
import type { JudgedGroup, JudgedRotation, KeyFleet } from "../domain/key-fleet.ts";
import type { GroupKey } from "../domain/key-groups.ts";
import type { KeyPlace, Seen } from "../domain/key-history.ts";
import { overall, type StateAt } from "../domain/key-states.ts";
import { KEY_BUCKET_MS } from "../domain/keys.ts";
import type { ReadStore, TenantId } from "../store/port.ts";
import { readAgreement } from "./key-agreement.ts";
import { readKeyFleet } from "./key-fleet.ts";
import { ParameterProblem } from "./problem.ts";
import { parseMoment, parseWindow } from "./window.ts";

const WEEK_MS = 604_800_000;
const MAX_SPAN_MS = 400 * 86_400_000;
const MOST_KEYS = 500;
const MOST_ROTATIONS = 1_000;

/** Answers /api/keys. Throws ParameterProblem. */
export async function readKeys(
  store: ReadStore,
  tenant: TenantId,
  { params, nowMs }: { readonly params: z.infer<typeof keysParams>; readonly nowMs: number },
): Promise<KeysReply> {
  const toMs = parseMoment("to", params.to ?? "now", nowMs);
  const fromMs = params.from === undefined ? toMs - WEEK_MS : parseMoment("from", params.from, nowMs);
  if (fromMs >= toMs) throw new ParameterProblem("from", "from must lie before to");
  if (toMs - fromMs > MAX_SPAN_MS) throw new ParameterProblem("from", "a window spans 400 days at most");
  const { fleet, events } = await readKeyFleet(store, tenant, { fromMs, nowMs });
  const view = new View(fleet, params);
  const within = (ms: number): boolean => ms >= fromMs && ms <= toMs;
  const keys = view
    .keys(nowMs)
    .filter(({ lastMs, firstMs }) => (lastMs ?? 0) >= fromMs && (firstMs ?? 0) <= toMs);
  const shown = new Set(keys.map(({ keyName }) => keyName));
  return {
    ...{ fromMs, toMs, nowMs, knownFromMs: fleet.history.knownFromMs, newestMs: fleet.history.newestMs },
    exposure: view.exposure(),
    groups: view.groups.map(groupView(fleet)),
    keys: keys.slice(0, MOST_KEYS),
    keysTotal: keys.length,
    rotations: view
      .rotations()
      .filter(({ atMs }) => within(atMs))
      .slice(0, MOST_ROTATIONS),
    missing: fleet.missing
      .filter((one) => within(one.atMs) && view.concerns(one))
      .map(({ id, title, atMs, endpoint, node, verdict }) => ({
        changeId: id,
        title,
        atMs,
        endpoint,
        node,
        verdict,
      })),
    revocations: view.revocations(),
    agreement: readAgreement(fleet, { fromMs, toMs, shows: (place) => view.shows(place) }),
    events: events.filter((one) => within(one.atMs) || shown.has(one.keyName)).toReversed(),
    beyondLimit: fleet.history.beyondLimit
      .filter((place) => view.shows(place))
      .map((place) => ({ ...place })),
  };
}

/** Answers /api/keys/{key}: without series for a key that was not used in the window. Throws ParameterProblem. */
export async function readKeyUses(
  store: ReadStore,
  tenant: TenantId,
  request: {
    readonly keyName: string;
    readonly params: z.infer<typeof keyUsesParams>;
    readonly nowMs: number;
  },
): Promise<KeyUsesReply> {
  const { keyName, nowMs } = request;
  const asked = parseWindow({ from: "now-7d", ...request.params }, nowMs);
  const stepMs = Math.max(KEY_BUCKET_MS, Math.ceil(asked.stepMs / KEY_BUCKET_MS) * KEY_BUCKET_MS);
  const fromMs = Math.floor(asked.fromMs / stepMs) * stepMs;
  const toMs = Math.ceil(asked.toMs / stepMs) * stepMs;
  const rows = (await store.keys.readUses(tenant, { fromMs, toMs, stepMs })).filter(
    (row) => row.keyName === keyName,
  );
  const series = [
    ...Map.groupBy(rows, ({ endpoint, node, use }) => JSON.stringify([endpoint, node, use])).values(),
  ];
  return {
    ...{ keyName, fromMs, toMs, stepMs },
    series: series.flatMap((list) => {
      const [first] = list;
      if (!first) return [];
      const { endpoint, node, use } = first;
      return [
        {
          endpoint,
          node,
          use,
          points: list.map(({ bucketStartMs, count }) => ({ t: bucketStartMs, count })),
        },
      ];
    }),
  };
}

const seen = (span: Seen | undefined) => span ?? null;
const inS = (ms: number | null): number | null => (ms === null ? null : ms / 1_000);

function exposureView({ liveMs, designMs, periodMs, retainedMs, ...rest }: Exposure) {
  const { keyName, atLeast, lifetimeS, unended, sentence } = rest;
  const lengths = {
    liveS: inS(liveMs),
    designS: inS(designMs),
    encryptPeriodS: inS(periodMs),
    retainedS: inS(retainedMs),
  };
  return { ...lengths, keyName, atLeast, lifetimeS, unended, sentence };
}

function groupView(fleet: KeyFleet): (judged: JudgedGroup) => KeyGroupView {
  return ({ group, rhythm, coverage, exposure, states, churning }) => {
    const places = group.places.flatMap((id) => fleet.history.places.get(id)?.place ?? []);
    const isCurrent = (keyName: string): boolean =>
      [...(states.get(keyName)?.values() ?? [])].some(({ state }) => state === "current");
    const { coveredMs, ...covered } = coverage;
    return {
      ...{ group: group.number, title: group.title, places, churning },
      endpoints: [...new Set(places.map(({ endpoint }) => endpoint))],
      currentKeys: group.keys.map(({ keyName }) => keyName).filter(isCurrent),
      ...{ periodS: inS(rhythm.periodMs), intervals: rhythm.intervals, lastRotationMs: rhythm.lastMs },
      ...{ dueMs: rhythm.dueMs, overdue: rhythm.overdue },
      coverage: { ...covered, coveredS: inS(coveredMs) },
      exposure: exposureView(exposure),
    };
  };
}

/** What of a fleet is shown where an endpoint or node is asked for. */
class View {
  readonly #fleet: KeyFleet;
  readonly #only: { readonly endpoint?: string | undefined; readonly node?: string | undefined };

  constructor(
    fleet: KeyFleet,
    only: { readonly endpoint?: string | undefined; readonly node?: string | undefined },
  ) {
    this.#fleet = fleet;
    this.#only = only;
  }

  shows(place: KeyPlace): boolean {
    const { endpoint, node } = this.#only;
    return (!endpoint || place.endpoint === endpoint) && (!node || place.node === node);
  }

  /** Whether something with a scope, of which null means all, is about what is shown. */
  concerns(scope: KeyPlace): boolean {
    return this.shows({
      endpoint: scope.endpoint ?? this.#only.endpoint ?? null,
      node: scope.node ?? this.#only.node ?? null,
    });
  }

  get groups(): JudgedGroup[] {
    return this.#fleet.groups.filter(({ group }) => group.places.some((id) => this.#showsId(id)));
  }

  #place(id: string): KeyPlace {
    return this.#fleet.history.places.get(id)?.place ?? { endpoint: null, node: null };
  }

  #showsId(id: string): boolean {
    return this.shows(this.#place(id));
  }

  /** The largest window of the groups that are shown. */
  exposure() {
    if (this.groups.length === this.#fleet.groups.length) return exposureView(this.#fleet.exposure);
    const [worst] = this.groups
      .map(({ exposure }) => exposure)
      .sort((a, b) => (b.liveMs ?? -1) - (a.liveMs ?? -1));
    const exposure = worst ?? this.#fleet.exposure;
    return exposureView({ ...exposure, sentence: exposureSentence(exposure) });
  }

  /** The youngest first. */
  keys(nowMs: number): KeyRowView[] {
    const rows = this.groups.flatMap((judged) =>
      judged.group.keys.map((key) => this.#keyRow(judged, key, nowMs)),
    );
    const known = new Set(rows.map(({ keyName }) => keyName));
    for (const keyName of this.#fleet.history.keys.keys())
      if (!known.has(keyName)) rows.push(this.#refusedOnly(keyName));
    const shown = rows.filter(({ places }) => places.length > 0);
    return shown.sort((a, b) => (b.firstMs ?? 0) - (a.firstMs ?? 0) || (a.keyName < b.keyName ? -1 : 1));
  }

  #keyRow({ group, states }: JudgedGroup, key: GroupKey, nowMs: number): KeyRowView {
    const { keyName, holds, issued, lifetimeS } = key;
    const own = states.get(keyName);
    const state = overall([...(own?.values() ?? [])]);
    const isUsed = state === "current" || state === "previous" || state === "staged";
    const firstMs = issued?.firstMs ?? holds.firstMs;
    return {
      ...{ keyName, group: group.number, firstMs: holds.firstMs, lastMs: holds.lastMs, lifetimeS, state },
      ...{ firstIssuedMs: issued?.firstMs ?? null, lastIssuedMs: issued?.lastMs ?? null },
      ageMs: isUsed ? nowMs - firstMs : null,
      places: this.#placesOf(keyName, own),
    };
  }

  #refusedOnly(keyName: string): KeyRowView {
    const places = this.#placesOf(keyName, undefined);
    const lastMs = places.reduce<number | null>(
      (ms, { refused }) => Math.max(ms ?? 0, refused?.lastMs ?? 0),
      null,
    );
    const unknown = { group: null, firstMs: null, firstIssuedMs: null, lastIssuedMs: null, state: null };
    return { keyName, ...unknown, lastMs, ageMs: null, lifetimeS: null, places };
  }

  #placesOf(keyName: string, states: ReadonlyMap<string, StateAt> | undefined): KeyRowView["places"] {
    const at = [...(this.#fleet.history.keys.get(keyName)?.values() ?? [])];
    return at
      .filter(({ place }) => this.#showsId(place))
      .map(({ place, uses }) => {
        const { state = null, basis = null, sinceMs = null, bars = [] } = states?.get(place) ?? {};
        const told = { state, basis, sinceMs, bars: bars.map((bar) => ({ ...bar })) };
        const { issued, accepted, refused, loaded } = uses;
        const counts = {
          issued: seen(issued),
          accepted: seen(accepted),
          refused: seen(refused),
          loaded: seen(loaded),
        };
        return { ...this.#place(place), ...told, ...counts };
      });
  }

  /** The newest first. */
  rotations(): RotationView[] {
    const all = this.groups.flatMap(({ rotations }) => rotations);
    const shown = all.filter(({ nodes }) => nodes.some(({ place }) => this.#showsId(place)));
    return shown.map((rotation) => this.#rotation(rotation)).sort((a, b) => b.atMs - a.atMs);
  }

  #rotation({ nodes, behind, ...rotation }: JudgedRotation): RotationView {
    return {
      ...rotation,
      id: `rotation-${rotation.keyName}`,
      nodes: nodes.map(({ place, firstMs }) => ({ ...this.#place(place), firstMs })),
      behind: behind.map((place) => this.#place(place)),
    };
  }

  revocations(): KeysReply["revocations"] {
    return this.#fleet.revocations
      .filter(({ event, nodes }) =>
        nodes.length === 0 ? this.concerns(event) : nodes.some(({ place }) => this.#showsId(place)),
      )
      .map(({ event, verdict, sentence, nodes }) => {
        const { id: eventId, keyName, atMs: revokedMs, actor, reason } = event;
        const views = nodes.map(({ place, ...rest }) => ({ ...this.#place(place), ...rest }));
        return { ...{ eventId, keyName, revokedMs, actor, reason, verdict, sentence }, nodes: views };
      })
      .sort((a, b) => b.revokedMs - a.revokedMs);
  }
}
