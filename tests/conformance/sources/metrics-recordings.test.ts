import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { findMetricSource } from "../../../collector/sources/metric-registry.ts";
import type { CacheSample } from "../../../lib/domain/handshake.ts";
import { countBodies, type Turn } from "../../support/counted.ts";

type PhaseTruth = Record<string, number>;
type Truth = {
  readonly scrapes: readonly { readonly label: string; readonly atMs: number; readonly file: string }[];
  readonly phases: readonly { readonly phase: string; readonly ports: Record<string, PhaseTruth> }[];
};

const folder = (proxy: string): string => `tests/fixtures/recordings/${proxy}/metrics`;
const truthOf = (proxy: string): Truth => JSON.parse(readFileSync(`${folder(proxy)}/truth.json`, "utf8"));
const scrapeOf = (proxy: string, name: string): string =>
  gunzipSync(readFileSync(`${folder(proxy)}/${name}.gz`)).toString();

/** What each phase between two scrapes brought, of the bodies that `bodyOf` makes of their file names. */
async function phasesOf(proxy: string, source: string, bodyOf: (file: string) => string): Promise<Turn[]> {
  const bodies = truthOf(proxy).scrapes.map(({ atMs, file }) => ({ atMs, body: bodyOf(file) }));
  return (await countBodies(source, bodies)).slice(1);
}

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const portOf = (truth: Truth, phase: number, port = "8443"): PhaseTruth =>
  truth.phases[phase]?.ports[port] ?? {};
const of = (truth: PhaseTruth, ...names: string[]): number => sum(names.map((name) => truth[name] ?? 0));
const RESUMED = ["session_id", "ticket", "psk"];

describe("HAProxy's statistics (SOURCES 3.5)", () => {
  const truth = truthOf("haproxy");
  const csv = (file: string) => scrapeOf("haproxy", `${file}-show_stat.csv`);
  const socket = (file: string) => `${scrapeOf("haproxy", `${file}-show_info.txt`)}\n${csv(file)}`;
  const frontends = { fe_http: "8443", fe_tcp: "8444" };

  it.each([
    ["of the stats socket, which tells when the process began", socket],
    ["of the CSV page, where a restart is a fall", csv],
  ])(
    "%s: full and resumed of each frontend equal the truth in every phase, restart and reload included",
    async (_title, bodyOf) => {
      const turns = await phasesOf("haproxy", "haproxy-stats", bodyOf);
      for (const [index, { phase }] of truth.phases.entries())
        for (const [frontend, port] of Object.entries(frontends)) {
          const { full, resumed, failed } = {
            full: 0,
            resumed: 0,
            failed: 0,
            ...turns[index]?.counts[frontend],
          };
          const known = portOf(truth, index, port);
          expect([phase, frontend, full, resumed]).toEqual([
            phase,
            frontend,
            of(known, "full"),
            of(known, ...RESUMED),
          ]);
          // Handshakes that timed out are in no counter.
          expect(failed).toBe(of(known, "failed") - of(known, "timedOut"));
        }
      expect(turns.at(-1)?.counts).toEqual({});
      expect(turns.flatMap(({ breaches }) => breaches)).toEqual([]);
    },
  );

  it("its restart and its reload are changes, at the second in which the process began", async () => {
    const turns = await phasesOf("haproxy", "haproxy-stats", socket);
    expect(turns.map(({ changes }) => changes.map(({ kind, atMs }) => `${kind} ${atMs / 1000}`))).toEqual([
      [],
      [],
      [],
      ["reload 1795477844"],
      ["reload 1795477881"],
      [],
    ]);
  });

  it("session cache: offered session ids that were found and not found, while tickets are on", async () => {
    const turns = await phasesOf("haproxy", "haproxy-stats", socket);
    const grown = turns.slice(0, 4).map(({ caches }) => growthOf(caches));
    const offered = [0, 1, 2, 3].map((phase) => {
      const ports = Object.values(truth.phases[phase]?.ports ?? {});
      return {
        hits: sum(ports.map((port) => of(port, "session_id"))),
        misses: sum(ports.map((port) => of(port, "refused_session_id"))),
      };
    });
    expect(turnTotals(turns)).toEqual(cumulated(offered.slice(0, 3)));
    expect(grown[3]).toEqual(offered[3]);
  });

  it("Prometheus text of 2.6: the cache only, and no outcome", async () => {
    const turns = await phasesOf("haproxy", "haproxy-stats", (file) =>
      scrapeOf("haproxy", `${file}-prometheus.txt`),
    );
    expect(turns.every(({ counts }) => Object.keys(counts).length === 0)).toBe(true);
    expect(turns.at(-1)?.caches.at(-1)).toMatchObject({
      cache: "haproxy",
      hits: 238,
      misses: 22,
      entries: null,
    });
    expect(turns[3]?.caches.map(({ hits }) => hits)).toEqual([0, 66]);
  });

  /** Totals of the readings before the first restart, and the same made of what each phase brought. */
  const turnTotals = (turns: readonly Turn[]) =>
    turns.slice(0, 3).map(({ caches }) => ({ hits: caches.at(-1)?.hits, misses: caches.at(-1)?.misses }));
  const cumulated = (phases: readonly { hits: number; misses: number }[]) =>
    phases.map((_phase, index) => ({
      hits: sum(phases.slice(0, index + 1).map(({ hits }) => hits)),
      misses: sum(phases.slice(0, index + 1).map(({ misses }) => misses)),
    }));
});

/** What the readings of one delivery say of a cache that began in between. */
function growthOf(caches: readonly CacheSample[]): { hits: number; misses: number } | null {
  const [zero, now] = caches;
  if (zero?.hits !== 0 || now?.hits == null || now.misses == null) return null;
  return { hits: now.hits, misses: now.misses };
}

describe("Apache Traffic Server's metrics", () => {
  const truth = truthOf("ats");
  const json = (file: string) => scrapeOf("ats", `${file}-stats_over_http.json`);

  it("835 resumptions by ticket or PSK, 46 tickets under an unknown key, over a restart that keeps the counters", async () => {
    const turns = await phasesOf("ats", "ats-stats", json);
    const tickets = turns.map(({ counts }) => counts["-"]?.resumed ?? 0);
    const unknown = turns.map(({ counts }) => counts["-"]?.["full unknown_key"] ?? 0);
    expect(sum(tickets)).toBe(835);
    expect(unknown).toEqual([0, 0, 45, 1, 0]);
    for (const [index, { phase }] of truth.phases.entries()) {
      const known = portOf(truth, index);
      // The page lags a moment behind: one resumption shows in the phase after.
      expect([phase, Math.abs((tickets[index] ?? 0) - of(known, "ticket", "psk")) <= 1]).toEqual([
        phase,
        true,
      ]);
      expect(unknown[index]).toBe(index === 4 ? 0 : of(known, "refused_ticket", "refused_psk"));
    }
    expect(turns.flatMap(({ breaches }) => breaches)).toEqual([]);
  });

  it("resumptions by session id, and every completed handshake that the last page shows", async () => {
    const turns = await phasesOf("ats", "ats-stats", json);
    const ids = turns.map(({ counts }) => counts["-"]?.["resumed session_id"] ?? 0);
    expect(ids.slice(0, 4)).toEqual([67, 61, 65, 45]);
    const completed = turns.map(({ counts }) =>
      sum(Object.entries(counts["-"] ?? {}).flatMap(([what, count]) => (what === "failed" ? [] : [count]))),
    );
    expect(completed).toEqual([414, 359, 363, 270, 257]);
  });

  it("both rotations of its ticket keys, and no restart, since counters go on over it", async () => {
    const turns = await phasesOf("ats", "ats-stats", json);
    const changes = turns.map(({ changes }) => changes.map(({ kind }) => kind));
    expect(changes).toEqual([[], ["key_rotation"], ["key_rotation"], [], []]);
  });

  it("never more failures than there were", async () => {
    const turns = await phasesOf("ats", "ats-stats", json);
    for (const [index, { counts }] of turns.entries())
      expect(counts["-"]?.failed ?? 0).toBeLessThanOrEqual(of(portOf(truth, index), "failed"));
  });

  it("the same from traffic_ctl's text, which knows nothing of an empty answer", async () => {
    const { scrapes } = truth;
    const bodies = scrapes.slice(1).map(({ atMs, file }) => ({
      atMs,
      body: scrapeOf("ats", `${file}-traffic_ctl_metric.txt`),
    }));
    const turns = await countBodies("ats-stats", bodies);
    expect(sum(turns.slice(1).map(({ counts }) => counts["-"]?.["full unknown_key"] ?? 0))).toBe(46);
    const source = findMetricSource("ats-stats");
    const at = { atMs: 0, endpoint: null, node: null, region: null, target: "t" };
    expect(source?.read("", at)).toEqual({ ok: false, reason: "no proxy.process.ssl metrics in it" });
  });

  it("the same sums from a reading every two seconds, in parts that never contradict each other", async () => {
    const lines = scrapeOf("ats", "ssl_series.jsonl").trim().split("\n");
    // Nothing answered while the server restarted.
    const answered = lines.filter((line) => line.includes("total_success"));
    const bodies = answered.map((line) => {
      const { t, ...metrics } = JSON.parse(line) as Record<string, number>;
      const body = Object.entries(metrics).map(([name, value]) => `proxy.process.ssl.${name} ${value}\n`);
      return { atMs: Math.round((t ?? 0) * 1000), body: body.join("") };
    });
    const turns = await countBodies("ats-stats", bodies);
    const counted = (...words: string[]): number =>
      sum(turns.flatMap(({ counts }) => words.map((word) => counts["-"]?.[word] ?? 0)));
    expect(turns.length).toBeGreaterThan(100);
    expect([counted("resumed"), counted("resumed session_id"), counted("full unknown_key")]).toEqual([
      835, 313, 46,
    ]);
    const full = counted("full", "full unknown_key", "full cache_miss");
    expect(full + 835 + 313).toBe(1_663);
    expect(turns.flatMap(({ breaches }) => breaches)).toEqual([]);
    expect(turns.flatMap(({ changes }) => changes).length).toBe(2);
  });

  it("session cache: hits, misses, new sessions, evictions", async () => {
    const turns = await phasesOf("ats", "ats-stats", json);
    expect(turns.at(-1)?.caches).toEqual([
      expect.objectContaining({
        cache: "ats",
        hits: 313,
        misses: 134,
        inserts: 111,
        evictions: 2,
        entries: null,
      }),
    ]);
  });
});

describe("Apache httpd's server-status", () => {
  const truth = truthOf("apache");

  it("session ids accepted and refused in every phase, though each reload begins a new cache", async () => {
    const turns = await phasesOf("apache", "apache-status", (file) =>
      scrapeOf("apache", `${file}-server_status_auto.txt`),
    );
    const [first, ...later] = turns;
    expect(first?.caches).toEqual([
      expect.objectContaining({ hits: 39, misses: 0, entries: 244, inserts: 244 }),
    ]);
    const phases = later.map(({ caches }) => growthOf(caches));
    for (const index of [1, 2]) {
      const known = portOf(truth, index);
      expect(phases[index - 1]).toEqual({
        hits: of(known, "session_id"),
        misses: of(known, "refused_session_id"),
      });
    }
    expect(turns.map(({ changes }) => changes.length)).toEqual([0, 1, 1, 1]);
    // With tickets off TLS 1.3 sessions are in the cache as well.
    expect(phases[2]?.hits).toBe(of(portOf(truth, 3), "session_id", "psk"));
    expect(turns.every(({ counts }) => Object.keys(counts).length === 0)).toBe(true);
  });
});
