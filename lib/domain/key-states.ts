/** The state of each key at each node, and how it is known. What cannot be told stays unknown. */
import type { KeyGroup } from "./key-groups.ts";
import { holdsOf, type KeyAt, type KeyPlace } from "./key-history.ts";
import type { KeyAction, KeyEvent, KeyState, KeyUse } from "./keys.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Refusals after the last acceptance that say that a key is gone, and not that a client came with an old ticket. */
const LEAST_REFUSED = 3;
/** What was told may be done a little later, and clocks differ. */
const SETTLE_MS = 5 * MINUTE_MS;
/** A key that decrypts only and was used so recently is drawn as going on. */
const RECENT_MS = 2 * HOUR_MS;

export type StateBasis = KeyUse | "told";
export type KeyBar = {
  readonly state: "staged" | "current" | "previous";
  readonly fromMs: number;
  readonly toMs: number;
  readonly open: boolean;
};
export type StateAt = {
  /** null: it cannot be told. */
  readonly state: KeyState | null;
  readonly basis: StateBasis | null;
  readonly sinceMs: number | null;
  readonly bars: readonly KeyBar[];
};

const NOT_KNOWN: StateAt = { state: null, basis: null, sinceMs: null, bars: [] };

/** What an event leads to; `generated` says nothing of any node. */
const TOLD_STATES: Readonly<Record<KeyAction, KeyState | null>> = {
  generated: null,
  staged: "staged",
  promoted: "current",
  demoted: "previous",
  retired: "retired",
  destroyed: "destroyed",
  revoked: "revoked",
};
/** Of these somebody has to tell: nothing shows that a key was destroyed everywhere. */
const ENDS: readonly (KeyState | null)[] = ["retired", "destroyed"];

export type StateInput = {
  readonly events: readonly KeyEvent[];
  readonly placeOf: (id: string) => KeyPlace | undefined;
  readonly nowMs: number;
};

/** States by key name and place: `states.get(keyName)?.get(place)`. `order`: the group's keys, the youngest last. */
export function statesOf(
  group: KeyGroup,
  order: readonly string[],
  input: StateInput,
): Map<string, Map<string, StateAt>> {
  const rank = new Map(order.map((keyName, index) => [keyName, index]));
  const made = new Map(group.keys.map(({ keyName, issued }) => [keyName, issued?.firstMs ?? null]));
  const states = new Map<string, Map<string, StateAt>>();
  for (const place of group.places) {
    const here = group.keys.flatMap(({ at }) => at.filter((one) => one.place === place));
    const line = currentsOf(here, rank);
    for (const at of here) {
      const observed = observedState(at, line, { nowMs: input.nowMs, madeMs: made.get(at.keyName) ?? null });
      const state = withTold(observed, { at, group, input });
      const places = states.get(at.keyName) ?? new Map<string, StateAt>();
      states.set(at.keyName, places.set(place, state));
    }
  }
  return states;
}

type Current = { readonly at: KeyAt; readonly fromMs: number; readonly basis: "issued" | "accepted" };
/** `madeMs`: when a ticket was first made under the key anywhere in its group. */
type Moment = { readonly nowMs: number; readonly madeMs: number | null };

/**
 * The keys that were current at a place, in order: those that tickets were made under here, or else those that were
 * opened, in the order in which they came to the group (an old client shows an old key late).
 */
function currentsOf(here: readonly KeyAt[], rank: ReadonlyMap<string, number>): Current[] {
  const basis = here.some(({ uses }) => uses.issued) ? "issued" : "accepted";
  const line = here.flatMap((at): Current[] => {
    const seen = at.uses[basis];
    return seen ? [{ at, fromMs: seen.firstMs, basis }] : [];
  });
  if (basis === "issued") return line.sort((a, b) => a.fromMs - b.fromMs);
  const rankOf = ({ at }: Current): number => rank.get(at.keyName) ?? -1;
  return line.sort((a, b) => rankOf(a) - rankOf(b) || a.fromMs - b.fromMs);
}

function observedState(at: KeyAt, line: readonly Current[], moment: Moment): StateAt {
  const index = line.findIndex((one) => one.at === at);
  const own = line[index];
  const next = line
    .slice(index + 1)
    .reduce<number | null>((ms, { fromMs }) => Math.min(ms ?? fromMs, fromMs), null);
  const holds = holdsOf(at);
  if (holds === null) return NOT_KNOWN;
  if (!own || (next !== null && next <= own.fromMs)) return decryptsOnly(at, line, moment);
  const { nowMs } = moment;
  const bars: KeyBar[] = [];
  if (holds.firstMs < own.fromMs)
    bars.push({ state: "staged", fromMs: holds.firstMs, toMs: own.fromMs, open: false });
  if (next === null) {
    bars.push({ state: "current", fromMs: own.fromMs, toMs: nowMs, open: true });
    return { state: "current", basis: own.basis, sinceMs: own.fromMs, bars };
  }
  bars.push({ state: "current", fromMs: own.fromMs, toMs: next, open: false });
  const after = afterCurrent(at, next);
  if (holds.lastMs > next)
    bars.push(openBar({ state: "previous", fromMs: next, toMs: holds.lastMs }, after.state, nowMs));
  return { ...after, bars };
}

function openBar(bar: Omit<KeyBar, "open">, state: KeyState | null, nowMs: number): KeyBar {
  const open = state === bar.state && nowMs - bar.toMs <= RECENT_MS;
  return { ...bar, toMs: open ? nowMs : bar.toMs, open };
}

/** A key that another one has followed: still opening tickets, gone, or not to be told. */
function afterCurrent(at: KeyAt, fromMs: number): Omit<StateAt, "bars"> {
  const { accepted, refused, loaded } = at.uses;
  const heldMs = Math.max(accepted?.lastMs ?? 0, loaded?.lastMs ?? 0);
  if (refused && refused.count >= LEAST_REFUSED && refused.lastMs > Math.max(heldMs, fromMs))
    return { state: "retired", basis: "refused", sinceMs: Math.max(heldMs, fromMs) };
  if (heldMs < fromMs) return { state: null, basis: null, sinceMs: null };
  const basis = heldMs === (accepted?.lastMs ?? 0) ? "accepted" : "loaded";
  return { state: "previous", basis, sinceMs: fromMs };
}

/** A key that was not current here: staged where it came after the current one, previous where it was there before. */
function decryptsOnly(at: KeyAt, line: readonly Current[], { nowMs, madeMs }: Moment): StateAt {
  const holds = holdsOf(at);
  const current = line.findLast((one) => one.at !== at);
  if (!holds || !current) return NOT_KNOWN;
  const isYounger = madeMs === null ? !at.uses.accepted : madeMs > current.fromMs;
  const isStaged = isYounger && holds.firstMs > current.fromMs && current.basis === "issued";
  const told = isStaged
    ? { state: "staged" as const, basis: at.uses.loaded ? ("loaded" as const) : ("accepted" as const) }
    : null;
  const rest = told
    ? { ...told, sinceMs: holds.firstMs }
    : afterCurrent(at, Math.min(holds.firstMs, current.fromMs));
  const state = told ? "staged" : "previous";
  const bar = openBar({ state, fromMs: holds.firstMs, toMs: holds.lastMs }, rest.state, nowMs);
  return { ...rest, bars: [bar] };
}

/** What was said last, unless the node shows otherwise afterwards. A revoked key stays revoked, whatever it is used for. */
function withTold(
  observed: StateAt,
  { at, group, input }: { at: KeyAt; group: KeyGroup; input: StateInput },
): StateAt {
  const place = input.placeOf(at.place);
  const said = input.events.filter(
    (event) => event.keyName === at.keyName && event.atMs <= input.nowMs && concerns(event, place, group),
  );
  const revoked = said.find(({ action }) => action === "revoked");
  const destroyed = said.findLast(({ action }) => action === "destroyed");
  const last = revoked ? (destroyed ?? revoked) : said.findLast(({ action }) => TOLD_STATES[action] !== null);
  const state = last ? TOLD_STATES[last.action] : null;
  if (!last || state === null) return observed;
  const isOver = ENDS.includes(state);
  // What a node shows is better than what was planned for it, once there was time to do it.
  const isShown = !isOver && state !== "revoked" && input.nowMs > last.atMs + SETTLE_MS;
  if (isShown && observed.state !== null) return observed;
  // A key that is used again was not destroyed.
  if (isOver && (holdsOf(at)?.lastMs ?? 0) > last.atMs + SETTLE_MS)
    return revoked ? { ...observed, state: "revoked", basis: "told", sinceMs: revoked.atMs } : observed;
  const isGone = isOver || state === "revoked";
  const bars = isGone ? observed.bars.map((bar) => ended(bar, last.atMs)) : observed.bars;
  return { state, basis: "told", sinceMs: last.atMs, bars };
}

function ended(bar: KeyBar, atMs: number): KeyBar {
  return bar.open && bar.toMs > atMs ? { ...bar, toMs: Math.max(bar.fromMs, atMs), open: false } : bar;
}

/** Whether an event is about a key at this place. */
export function concerns(
  event: KeyEvent,
  place: KeyPlace | undefined,
  group: Pick<KeyGroup, "title">,
): boolean {
  if (event.endpoint !== null && event.endpoint !== place?.endpoint) return false;
  if (event.node !== null && event.node !== place?.node) return false;
  return event.keyGroup === null || event.keyGroup === group.title;
}

/** The state that stands for a key over several places: in use before gone. */
export function overall(states: readonly StateAt[]): KeyState | null {
  const order: readonly KeyState[] = ["revoked", "current", "staged", "previous", "retired", "destroyed"];
  return order.find((state) => states.some((one) => one.state === state)) ?? null;
}
