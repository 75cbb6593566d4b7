import { afterAll, beforeAll, expect, it } from "vitest";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";
import { ROTATE_EVERY_MS, startLab, type TestLab } from "../support/lab.ts";

/**
 * The lab, a collector and its detector, from fault to incident. Handshakes are real, time is not: it passes as fast as this
 * machine makes handshakes. Their durations are this machine's too, and on a busy one they depart: those incidents are right,
 * and not what is looked at here.
 */
const MINUTE_MS = 60_000;
const WARM_UP_HOURS = 8;
const WITHIN_MINUTES = 60;
const LEARN_MINUTES = 30;
const OVER_MINUTES = 420;
/** After a scheduled rotation, and before the next: near one nobody could say which change it was. */
const AWAY_MINUTES = { after: 45, before: 60 };
const WALL_MS = 1_200_000;
// Four: of two that disagree nobody can say which is wrong, and of three the others still lose half as much as it does.
const nodes = ["edge-1", "edge-2", "edge-3", "edge-4"].map((node) => ({ node, region: "eu" }));

let lab: TestLab;
beforeAll(async () => {
  lab = await startLab({ nodes, perMinute: 15, warmUpHours: WARM_UP_HOURS });
}, WALL_MS);
afterAll(async () => {
  process.stdout.write(`${[...delays.values()].join("\n")}\n`);
  await lab.destroy();
});

/** What is printed at the end, by fault. */
const delays = new Map<string, string>();
const order = (name: string) => ({ name, scope: {}, forMinutes: null });

/** Incidents of a time, but of how long handshakes take. */
async function since(fromMs: number): Promise<StoredIncident[]> {
  const all = await lab.incidents();
  return all.filter(({ openedMs, family }) => openedMs >= fromMs && family !== "latency");
}

/** For a failure's message: what was told already, and may have taken a fault in. */
async function openOnes(): Promise<string> {
  const open = (await lab.incidents()).filter(({ state }) => state !== "resolved");
  const texts = open.map(({ family, scope, class: kind, openedMs }) =>
    [
      kind,
      family,
      JSON.stringify(scope),
      `open for ${Math.round((lab.now() - openedMs) / MINUTE_MS)} min`,
    ].join(" "),
  );
  return `open: ${texts.join("; ") || "nothing"}`;
}

async function awayFromRotations(): Promise<void> {
  const sinceMs = (lab.now() - lab.startMs) % ROTATE_EVERY_MS;
  const untilMs = ROTATE_EVERY_MS - sinceMs;
  const afterMs = AWAY_MINUTES.after * MINUTE_MS;
  if (sinceMs < afterMs) await lab.wait((afterMs - sinceMs) / MINUTE_MS);
  else if (untilMs < AWAY_MINUTES.before * MINUTE_MS) await lab.wait((untilMs + afterMs) / MINUTE_MS);
}

/** Switches a fault on, waits for what is told of it, lets the detector think, clears it, and waits until it is over. */
async function incidentOf(name: string): Promise<StoredIncident> {
  await awayFromRotations();
  const atMs = lab.now();
  await lab.running.inject(order(name));
  const opened = await lab.wait(WITHIN_MINUTES, async () => (await since(atMs))[0]);
  if (!opened) {
    await lab.running.inject(order("clear"));
    throw new Error(`nothing was told of ${name} within ${WITHIN_MINUTES} lab minutes; ${await openOnes()}`);
  }
  const after = `${name.padEnd(18)} told after ${((opened.openedMs - atMs) / MINUTE_MS).toFixed(1)} lab minutes`;
  delays.set(name, after);
  const told = async () => (await since(atMs)).find(({ id }) => id === opened.id);
  await lab.wait(LEARN_MINUTES);
  const learnt = (await told()) ?? opened;
  const [diagnosis] = learnt.diagnoses;
  const mode = `${diagnosis?.mode} (${Math.round(100 * (diagnosis?.probability ?? 0))} %)`;
  delays.set(name, `${after}; half an hour later: ${mode}`);
  await lab.running.inject(order("clear"));
  const over = await lab.wait(OVER_MINUTES, async () => {
    const incident = await told();
    return incident?.state === "resolved" ? incident : undefined;
  });
  expect(over, `${name} is over at last`).toBeDefined();
  expect(
    (await since(atMs)).map(({ id }) => id),
    `${name} is one incident`,
  ).toEqual([opened.id]);
  expect(Math.abs(opened.onsetMs - atMs), `onset of ${name}`).toBeLessThanOrEqual(10 * MINUTE_MS);
  return learnt;
}

/** The title of the change that an incident is put down to. */
async function causeOf({ suspects }: StoredIncident): Promise<string | undefined> {
  const [suspect] = suspects;
  return (await lab.changes()).find(({ id }) => id === suspect?.changeId)?.title;
}

/** What is told of a fault for some time. */
async function toldOf(name: string, minutes: number): Promise<StoredIncident[]> {
  const atMs = lab.now();
  await lab.running.inject(order(name));
  await lab.wait(minutes);
  await lab.running.inject(order("clear"));
  await lab.wait(LEARN_MINUTES);
  return since(atMs);
}

it("says nothing while it learns, nor of rotations on schedule", { timeout: WALL_MS }, async () => {
  await lab.wait(WARM_UP_HOURS * 60 + 30);
  expect(await since(lab.startMs)).toEqual([]);
});

it("a rotation with overlap harms nobody", { timeout: WALL_MS }, async () => {
  expect(await toldOf("rotate-overlap", 40)).toEqual([]);
});

it("a flood of scanners pages nobody", { timeout: WALL_MS }, async () => {
  expect((await toldOf("bot-flood", 40)).filter((incident) => incident.class === "page")).toEqual([]);
});

it("a node that nobody hears of is missing telemetry, not a loss", { timeout: WALL_MS }, async () => {
  const told = await toldOf("mute-node", 40);
  expect(told).toMatchObject([{ class: "info", family: "telemetry", scope: { nodes: ["edge-2"] } }]);
  expect(told[0]?.diagnoses[0]?.mode).toBe("telemetry_gap");
});

it("a rotation that drops the old key: which kind, and by which change", { timeout: WALL_MS }, async () => {
  const incident = await incidentOf("rotate-no-overlap");
  expect(incident).toMatchObject({ class: "page", family: "resumption", scope: { nodes: null } });
  expect(incident.diagnoses[0]?.mode).toBe("rotation_no_retain");
  expect(await causeOf(incident)).toBe("Rotated the STEK, the previous one dropped");
});

it("a node with keys of its own: the node is named", { timeout: WALL_MS }, async () => {
  const incident = await incidentOf("desync-node");
  expect(incident).toMatchObject({ class: "page", family: "resumption" });
  // A node with another key, or a reload that made it a new one: here it is both.
  expect(["stek_desync", "reload_drops_keys"]).toContain(incident.diagnoses[0]?.mode);
  expect(incident.scope.nodes).toContain("edge-2");
  expect(await causeOf(incident)).toBe("Reloaded edge-2");
});

it("emptied session caches: only those who resume by session id", { timeout: WALL_MS }, async () => {
  const incident = await incidentOf("cache-flush");
  expect(incident).toMatchObject({ class: "page", family: "resumption", scope: { families: ["java"] } });
  expect(incident.diagnoses[0]?.mode).toBe("cache_flush");
  expect(await causeOf(incident)).toBe("Emptied the session caches");
});

it("tickets switched off, by a configuration change", { timeout: WALL_MS }, async () => {
  const incident = await incidentOf("tickets-off");
  expect(incident).toMatchObject({ class: "page", family: "resumption" });
  expect(incident.diagnoses[0]?.mode).toBe("tickets_disabled");
  expect(await causeOf(incident)).toBe("ssl_session_tickets off");
});
