import { describe, expect, it } from "vitest";
import { type FleetInput, keyFleetOf } from "./key-fleet.ts";
import type { KeySighting, KeyUseCount } from "./key-history.ts";
import { placeId } from "./key-history.ts";
import { KEY_BUCKET_MS, type KeyEvent, type KeyUse } from "./keys.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 10, 20);
const NODES = ["n1", "n2", "n3"];

/** Tells what happened step by step, and makes of it what a store would hold. */
class Story {
  readonly #sums = new Map<string, KeySighting>();
  readonly #uses = new Map<string, KeyUseCount>();

  use(atMs: number, node: string, keyName: string, use: KeyUse, lifetimeHintS: number | null = null): this {
    const place = { endpoint: "shop", node };
    const key = JSON.stringify([node, keyName, use]);
    const known = this.#sums.get(key) ?? { firstMs: atMs, lastMs: atMs, count: 0 };
    this.#sums.set(key, {
      ...{ ...place, keyName, use, lifetimeHintS, firstMs: Math.min(known.firstMs, atMs) },
      ...{ lastMs: Math.max(known.lastMs, atMs), count: known.count + 1 },
    });
    const bucketStartMs = Math.floor(atMs / KEY_BUCKET_MS) * KEY_BUCKET_MS;
    const cell = JSON.stringify([key, bucketStartMs]);
    const count = (this.#uses.get(cell)?.count ?? 0) + 1;
    this.#uses.set(cell, { ...place, keyName, use, bucketStartMs, count });
    return this;
  }

  /** For every five minutes of a span, at each node. */
  every(fromMs: number, toMs: number, tell: (atMs: number, node: string) => void, nodes = NODES): this {
    for (let atMs = fromMs; atMs < toMs; atMs += 5 * MINUTE)
      for (const [i, node] of nodes.entries()) tell(atMs + i * 1_000, node);
    return this;
  }

  at(nowMs: number, more: Partial<FleetInput> = {}) {
    const input = {
      sightings: [...this.#sums.values()],
      uses: [...this.#uses.values()],
      nowMs,
      stepMs: KEY_BUCKET_MS,
    };
    return keyFleetOf({ events: [], announcements: [], ...input, ...more });
  }
}
const LIFE = 6 * 3_600;
/** Each hour a new key, the last two keys still open. */
function rotating(hours: number, { issue = true, keep = 2 } = {}): Story {
  const story = new Story();
  return story.every(START, START + hours * HOUR, (atMs, node) => {
    const number = Math.floor((atMs - START) / HOUR);
    if (issue) story.use(atMs, node, `k${number}`, "issued", LIFE);
    story.use(atMs + 1, node, `k${number}`, "accepted");
    for (let old = 1; old <= 3 && number - old >= 0; old += 1)
      story.use(atMs + 2, node, `k${number - old}`, old <= keep ? "accepted" : "refused");
  });
}
const id = (node: string): string => placeId({ endpoint: "shop", node });
const event = (part: Partial<KeyEvent>): KeyEvent => ({
  ...{ id: "e", atMs: START, endpoint: null, node: null, keyGroup: null, keyName: "k0", action: "revoked" },
  ...{ actor: null, reason: null },
  ...part,
});
const announcement = (hour: number, part = {}) => ({
  ...{ id: `c${hour}`, atMs: START + hour * HOUR - MINUTE, endMs: null, title: `Rotation ${hour}` },
  ...{ endpoint: "shop", node: null },
  ...part,
});

describe("rotations", () => {
  it("are the keys that began after records do, each followed and kept", () => {
    const { groups } = rotating(6).at(START + 6 * HOUR);
    expect(groups).toHaveLength(1);
    const [only] = groups;
    expect(only?.group.title).toBe("shop");
    expect(only?.rotations.map((r) => [r.previousKey, r.keyName, (r.atMs - START) / HOUR])).toEqual([
      ["k0", "k1", 1],
      ["k1", "k2", 2],
      ["k2", "k3", 3],
      ["k3", "k4", 4],
      ["k4", "k5", 5],
    ]);
    for (const rotation of only?.rotations ?? []) {
      expect(rotation).toMatchObject({ basis: "issued", late: false, local: false, behind: [] });
      expect(rotation.stages.verdict).toBe("two_stage");
      expect(rotation.overlap.verdict).toBe("kept");
    }
    expect(only?.rhythm).toMatchObject({ periodMs: HOUR, intervals: 4, overdue: false });
    expect(only?.exposure).toMatchObject({ liveMs: 3 * HOUR, keyName: "k3", atLeast: false, unended: 0 });
    expect(only?.exposure.designMs).toBe(HOUR + LIFE * 1_000);
  });

  it("are seen one visit late where no ticket is seen being made, and old keys that show late are none", () => {
    const story = rotating(4, { issue: false });
    story.use(START + 2.5 * HOUR, "n2", "ancient", "accepted");
    const rotations = story.at(START + 4 * HOUR).groups[0]?.rotations ?? [];
    expect(rotations.map((r) => [r.keyName, r.basis, r.late])).toEqual([
      ["k1", "accepted", true],
      ["k2", "accepted", true],
      ["k3", "accepted", true],
    ]);
  });

  it("tells keys that a node makes for itself from rotations of the group", () => {
    const story = rotating(3);
    story.every(START + 1.2 * HOUR, START + 3 * HOUR, (atMs) => story.use(atMs, "n3", "own", "issued"), [
      "n3",
    ]);
    const own = story.at(START + 3 * HOUR).groups[0]?.rotations.find(({ keyName }) => keyName === "own");
    expect(own).toMatchObject({ local: true, nodes: [{ place: id("n3") }], behind: [] });
  });

  it("names the node that stayed behind", () => {
    const story = new Story();
    story.every(START, START + 4 * HOUR, (atMs, node) => {
      const turned = atMs >= START + 2 * HOUR && node !== "n3";
      story
        .use(atMs, node, turned ? "k1" : "k0", "issued", LIFE)
        .use(atMs + 1, node, turned ? "k1" : "k0", "accepted");
      if (atMs >= START + 2 * HOUR)
        story.use(atMs + 2, node, node === "n3" ? "k1" : "k0", node === "n3" ? "refused" : "accepted");
    });
    const [rotation] = story.at(START + 4 * HOUR).groups[0]?.rotations ?? [];
    expect(rotation).toMatchObject({ keyName: "k1", previousKey: "k0", local: false, behind: [id("n3")] });
    expect(rotation?.stages).toMatchObject({ verdict: "single_stage", refused: 6 });
    const early = story.at(START + 2 * HOUR + 10 * MINUTE).groups[0]?.rotations[0];
    expect(early?.behind).toEqual([]);
  });

  it("says that old tickets died where they did", () => {
    const story = new Story();
    story.every(START, START + 4 * HOUR, (atMs, node) => {
      const turned = atMs >= START + 2 * HOUR;
      story.use(atMs, node, turned ? "k1" : "k0", "issued", LIFE);
      story.use(atMs + 1, node, "k0", turned ? "refused" : "accepted");
      if (turned) story.use(atMs + 2, node, "k1", "accepted");
    });
    const [group] = story.at(START + 4 * HOUR).groups;
    expect(group?.rotations[0]?.overlap).toMatchObject({ verdict: "dropped", accepted: 0, refused: 72 });
    expect(group?.rotations[0]?.stages.verdict).toBe("two_stage");
    expect(group?.states.get("k0")?.get(id("n1"))).toMatchObject({ state: "retired", basis: "refused" });
    expect(group?.coverage).toMatchObject({ verdict: "bad", lifetimeS: LIFE });
  });

  it("gives up over a node that makes a key for every connection", () => {
    const story = new Story();
    for (let i = 0; i < 60; i += 1) story.use(START + i * MINUTE, "n1", `k${i}`, "issued");
    const [group] = story.at(START + HOUR).groups;
    expect(group?.churning).toBe(true);
    expect(group?.rotations.length).toBeLessThan(40);
  });

  it("is overdue when a steady rhythm stops", () => {
    const story = rotating(6);
    const last = START + 6 * HOUR;
    story.every(last, last + 3 * HOUR, (atMs, node) => story.use(atMs, node, "k5", "issued", LIFE));
    expect(story.at(last + 20 * MINUTE).groups[0]?.rhythm.overdue).toBe(false);
    expect(story.at(last + 2 * HOUR).groups[0]?.rhythm).toMatchObject({ overdue: true, dueMs: last });
  });
});

describe("what was announced", () => {
  it("is matched once with the nearest rotation; what is left is missing, or not known yet", () => {
    const announcements = [1, 2, 4, 5].map((hour) => announcement(hour));
    const fleet = rotating(6).at(START + 6 * HOUR, {
      announcements: [...announcements, announcement(5.9, { endpoint: "other" })],
    });
    const told = fleet.groups[0]?.rotations.map(({ announced }) => announced?.id ?? null);
    expect(told).toEqual(["c1", "c2", null, "c4", "c5"]);
    expect(fleet.missing).toMatchObject([{ id: "c5.9", verdict: "pending" }]);
    const story = rotating(3).every(START + 3 * HOUR, START + 6 * HOUR, () => undefined);
    story.every(START + 3 * HOUR, START + 8 * HOUR, (atMs, node) => story.use(atMs, node, "k2", "issued"));
    const [missing] = story.at(START + 8 * HOUR, { announcements: [announcement(4.5)] }).missing;
    expect(missing).toMatchObject({ id: "c4.5", verdict: "missing" });
    expect(story.at(START + 5 * HOUR, { announcements: [announcement(4.5)] }).missing).toMatchObject([
      { verdict: "pending" },
    ]);
  });

  it("is also what a pipeline says of the key itself", () => {
    const events = [event({ keyName: "k3", action: "staged", atMs: START + 2 * HOUR })];
    const fleet = rotating(4).at(START + 4 * HOUR, { events });
    expect(fleet.groups[0]?.rotations.at(-1)?.announced).toMatchObject({ by: "event", title: "Key staged" });
  });
});

describe("states", () => {
  it("are observed: current, previous, gone", () => {
    const states = rotating(6).at(START + 6 * HOUR).groups[0]?.states;
    const at = (key: string) => states?.get(key)?.get(id("n2"));
    expect(at("k5")).toMatchObject({ state: "current", basis: "issued", sinceMs: START + 5 * HOUR + 1_000 });
    expect(at("k4")).toMatchObject({ state: "previous", basis: "accepted" });
    expect(at("k2")).toMatchObject({ state: "retired", basis: "refused" });
    expect(at("k4")?.bars.map(({ state, open }) => [state, open])).toEqual([
      ["current", false],
      ["previous", true],
    ]);
  });

  it("are staged where a node opens what others make and it does not make itself", () => {
    const story = rotating(2);
    story.use(START + 2 * HOUR, "n1", "next", "issued").use(START + 2 * HOUR + 1, "n2", "next", "accepted");
    const states = story.at(START + 2 * HOUR + MINUTE).groups[0]?.states;
    expect(states?.get("next")?.get(id("n2"))).toMatchObject({ state: "staged", basis: "accepted" });
  });

  it("are told of what nothing shows, unless the node shows otherwise", () => {
    const nowMs = START + 3 * HOUR;
    const say = (action: KeyEvent["action"], keyName: string) =>
      rotating(3).at(nowMs, { events: [event({ action, keyName, atMs: nowMs - HOUR, node: "n1" })] })
        .groups[0]?.states;
    expect(say("destroyed", "k0")?.get("k0")?.get(id("n1"))).toMatchObject({
      state: "previous",
      basis: "accepted",
    });
    expect(say("revoked", "k0")?.get("k0")?.get(id("n1"))).toMatchObject({ state: "revoked", basis: "told" });
    expect(say("revoked", "k0")?.get("k0")?.get(id("n2"))?.state).toBe("previous");
  });
});

describe("revocation", () => {
  const atMs = START + 3 * HOUR;
  const revoked = (story: Story, nowMs = START + 5 * HOUR) =>
    story.at(nowMs, { events: [event({ keyName: "k2", atMs })] }).revocations[0];

  it("is proved where every node was heard since and none accepted it", () => {
    const story = rotating(3);
    story.every(atMs, START + 5 * HOUR, (ms, node) => {
      story.use(ms + 1, node, "new", "accepted").use(ms + 2, node, "k2", "refused");
    });
    const proof = revoked(story);
    expect(proof).toMatchObject({ verdict: "proved" });
    expect(proof?.nodes.map(({ accepted, refused }) => [accepted, refused])).toEqual([
      [0, 24],
      [0, 24],
      [0, 24],
    ]);
  });

  it("names the node that still accepts, and stays unknown of nodes that tell nothing", () => {
    const story = rotating(3);
    story.every(atMs, START + 5 * HOUR, (ms) => story.use(ms, "n1", "k2", "accepted"), ["n1"]);
    const proof = revoked(story);
    expect(proof?.verdict).toBe("accepting");
    expect(proof?.sentence).toContain("n1 accepted tickets of the revoked key");
    expect(proof?.nodes.map(({ verdict, accepted }) => [verdict, accepted])).toEqual([
      ["accepting", 24],
      ["unknown", null],
      ["unknown", null],
    ]);
    expect(revoked(rotating(3))?.verdict).toBe("unknown");
  });
});
