import { describe, expect, it } from "vitest";
import { makeWatcher, merged, watch } from "../../tests/support/misuse.ts";
import { BEGIN_MS, CGNAT, seeded, ticketTraffic } from "../../tests/support/ticket-fleet.ts";
import { type Handshake, UNKNOWN_HANDSHAKE } from "../domain/handshake.ts";

const MINUTE = 60_000;
const random = seeded(11);
const PLAIN: Handshake = {
  ...UNKNOWN_HANDSHAKE,
  atMs: BEGIN_MS,
  endpoint: "shop.example",
  node: "edge-1",
  family: "chrome",
  protocol: "TLSv1.3",
  outcome: "full",
  offer: "none",
};
const RESUMED: Partial<Handshake> = { outcome: "resumed", offer: "psk", mechanism: "psk" };
const UNREADABLE: Partial<Handshake> = { offer: "psk", reason: "unknown_key" };

/** `perMinute` handshakes for some minutes. */
function* steady(
  minutes: number,
  perMinute: number,
  of: (i: number, minute: number) => Partial<Handshake>,
): Generator<Handshake> {
  for (let i = 0; i < minutes * perMinute; i += 1) {
    const minute = Math.floor(i / perMinute);
    yield { ...PLAIN, atMs: BEGIN_MS + Math.floor((i / perMinute) * MINUTE), ...of(i, minute) };
  }
}
const kinds = (found: readonly { kind: string }[]) => found.map(({ kind }) => kind);
const client = (network: number): string => `10.1.${network}.${Math.floor(random() * 250)}`;
const fresh = (i: number): Partial<Handshake> => ({ ...RESUMED, ticketId: `t${i}`, client: client(i % 30) });

describe("tickets that are accepted again", () => {
  it("are found where it is more than parallel connections make", () => {
    const usual = steady(30, 300, (i) => ({
      ...fresh(i),
      ...(i % 25 === 0 ? { ticketId: `t${i - 1}`, client: client((i - 1) % 30) } : {}),
    }));
    expect(kinds(watch(makeWatcher(), usual))).toEqual([]);
    const reusing = steady(30, 300, (i) => fresh(i - (i % 3)));
    const [found, ...rest] = watch(makeWatcher(), reusing);
    expect(rest).toEqual([]);
    expect(found).toMatchObject({ kind: "ticket_reuse", severity: "low", endpoint: "shop.example" });
    expect(found?.evidence[0]?.value).toMatch(/of 300 \(66\.\d %\)/);
  });

  it("weigh more from another network, and are legal in TLS 1.2", () => {
    const elsewhere = steady(10, 300, (i) => ({
      ...fresh(i - (i % 4)),
      client: client(i % 4 === 3 ? 99 : 3),
    }));
    expect(watch(makeWatcher(), elsewhere)).toEqual([
      expect.objectContaining({ kind: "ticket_reuse", severity: "high" }),
    ]);
    const old = steady(10, 300, (i) => ({ ...fresh(i - (i % 3)), protocol: "TLSv1.2", client: client(1) }));
    expect(watch(makeWatcher(), old)).toEqual([]);
  });
});

describe("tickets under another name", () => {
  it("are found when they are accepted, once by pair of names", () => {
    const crossing = steady(5, 100, (i) => ({
      ...fresh(i >> 1),
      protocol: "TLSv1.2",
      endpoint: i % 2 === 0 ? "shop.example" : "admin.example",
    }));
    const found = watch(makeWatcher(), crossing);
    expect(found.map((one) => [one.kind, one.severity, one.endpoint, one.count])).toEqual([
      ["cross_name", "high", "admin.example", 250],
    ]);
  });

  it("are known from a full handshake that told of the ticket it issued", () => {
    const issued = { ...PLAIN, ticketId: "t", endpoint: "a.example" };
    const used = { ...PLAIN, ...RESUMED, ticketId: "t", endpoint: "b.example", atMs: BEGIN_MS + 1_000 };
    expect(watch(makeWatcher(), [issued, used])).toMatchObject([
      { kind: "cross_name", title: "b.example accepted tickets that were first seen at a.example" },
    ]);
  });

  it("are no matter when a few are refused", () => {
    const refused = steady(3, 10, (i) => ({
      ...fresh(i >> 1),
      ...(i % 2 === 0
        ? {}
        : { endpoint: "b.example", outcome: "full", mechanism: null, reason: "sni_mismatch" }),
    }));
    expect(watch(makeWatcher(), refused)).toEqual([]);
  });
});

describe("tickets that cannot be opened", () => {
  const base = (i: number): Partial<Handshake> =>
    random() < 0.03 ? { ...fresh(i), ...UNREADABLE, outcome: "full", mechanism: null } : fresh(i);
  const bad = (i: number): Partial<Handshake> => ({
    ...fresh(i),
    ...UNREADABLE,
    outcome: "full",
    mechanism: null,
  });

  it("are found when they come from few networks", () => {
    const attack = steady(1, 200, (i) => ({ ...bad(1e6 + i), reason: "corrupt", client: "203.0.113.9" }));
    const later = function* (): Generator<Handshake> {
      for (const one of attack) yield { ...one, atMs: one.atMs + 20 * MINUTE };
    };
    const [found, ...rest] = watch(makeWatcher(), merged(steady(30, 600, base), later()));
    expect(rest).toEqual([]);
    expect(found).toMatchObject({ kind: "corrupt_burst", severity: "medium", endpoint: "shop.example" });
    expect(found?.title).toContain("one network");
    expect(JSON.stringify(found)).not.toContain("203.0.113");
  });

  it.each([
    ["all of them", 1],
    ["a third of them", 3],
  ])("are a rotation when every network's are refused, %s", (_name, part) => {
    const rotation = steady(40, 600, (i, minute) => (minute >= 20 && i % part === 0 ? bad(i) : base(i)));
    expect(watch(makeWatcher(), rotation)).toEqual([]);
  });

  it("are a rotation too where a large network sends most of them", () => {
    const cgnat = steady(40, 600, (i, minute) => ({
      ...(minute >= 20 ? bad(i) : base(i)),
      client: client(random() < 0.6 ? 200 : i % 30),
    }));
    expect(watch(makeWatcher(), cgnat)).toEqual([]);
  });

  it("say nothing where clients are not known", () => {
    const blind = steady(30, 600, (i, minute) => ({ ...(minute > 20 ? bad(i) : base(i)), client: null }));
    expect(watch(makeWatcher(), blind)).toEqual([]);
  });
});

describe("early data", () => {
  const early = (i: number): Partial<Handshake> => ({
    ...fresh(i),
    earlyData: "accepted",
    node: `edge-${i % 3}`,
  });
  it("is no matter as long as each ticket's is accepted once, or twice as parallel connections do", () => {
    expect(watch(makeWatcher(), steady(5, 200, early))).toEqual([]);
    const parallel = steady(20, 200, (i) => ({
      ...early(i),
      ...(i % 100 === 0 ? { ticketId: `t${i - 1}` } : {}),
    }));
    expect(watch(makeWatcher(), parallel).filter(({ kind }) => kind === "early_data_replay")).toEqual([]);
  });

  it("is found when more tickets come twice than is usual", () => {
    const doubled = steady(20, 200, (i, minute) => early(minute === 15 ? i - (i % 2) : i));
    expect(watch(makeWatcher(), doubled).filter(({ kind }) => kind === "early_data_replay")).toMatchObject([
      { severity: "high", count: 100 },
    ]);
  });

  it.each([
    ["on each node once: as many copies as there are nodes may be", "high", (i: number) => `edge-${i % 3}`],
    ["three times on one node: no server may do that", "critical", () => "edge-1"],
  ])("is found when accepted %s", (_name, severity, nodeOf) => {
    const replay = steady(1, 3, (i) => ({ ...early(7), client: "203.0.113.9", node: nodeOf(i) }));
    const found = watch(
      makeWatcher(),
      merged(
        steady(5, 200, (i) => early(i + 10)),
        replay,
      ),
    );
    expect(found).toMatchObject([{ kind: "early_data_replay", severity, count: 2 }]);
  });

  it("is found when far more than usual is refused as replayed", () => {
    const refused = steady(40, 200, (i, minute) => ({
      ...fresh(i),
      earlyData: minute === 30 && i % 4 === 0 ? "rejected" : "accepted",
      earlyDataReason: minute === 30 && i % 4 === 0 ? "replay" : null,
    }));
    expect(watch(makeWatcher(), refused)).toMatchObject([
      { kind: "early_data_replay", severity: "medium", count: 50 },
    ]);
  });
});

describe("how long refused offers take", () => {
  const refused = (gapUs: number) =>
    steady(20, 100, (i) => ({
      offer: "psk",
      reason: i % 2 === 0 ? "expired" : "corrupt",
      handshakeUs: Math.round(2_000 + random() * 300 + (i % 2 === 0 ? gapUs : 0)),
    }));
  it("tells valid from invalid tickets only where the gap is no accident and large", () => {
    expect(watch(makeWatcher(), refused(0))).toEqual([]);
    expect(watch(makeWatcher(), refused(40))).toEqual([]);
    const found = watch(makeWatcher(), refused(400));
    expect(found).toMatchObject([{ kind: "timing_oracle", severity: "medium" }]);
    expect(found[0]?.title).toMatch(/by (3[5-9]\d|4[0-4]\d) µs$/);
  });
});

describe("alerts", () => {
  const failing = (share: (minute: number) => number) =>
    steady(120, 500, (_i, minute) =>
      random() < share(minute) ? { outcome: "failed", offer: null, alert: "bad_certificate" } : {},
    );
  it("are found when they are far above their usual share", () => {
    const found = watch(
      makeWatcher(),
      failing((minute) => (minute === 90 ? 0.2 : 0.01)),
    );
    expect(found).toMatchObject([{ kind: "alert_spike", severity: "medium", node: "edge-1" }]);
  });
  it("are no matter while they vary as they always did, or while that is not known", () => {
    expect(
      watch(
        makeWatcher(),
        failing((minute) => (minute % 7 === 0 ? 0.04 : 0.01)),
      ),
    ).toEqual([]);
    expect(
      watch(
        makeWatcher(),
        failing((minute) => (minute < 10 ? 0.3 : 0.01)),
      ),
    ).toEqual([]);
  });
});

describe("a restart", () => {
  it("goes on with what was found: the same finding, counted on", () => {
    const first = makeWatcher();
    const theft = (fromMs: number): Handshake[] =>
      [
        ...steady(2, 60, (i) => ({ ...RESUMED, protocol: "TLSv1.2", ticketId: "x", client: client(i % 20) })),
      ].map((one) => ({ ...one, atMs: one.atMs + fromMs }));
    const [before] = watch(first, merged(ticketTraffic(CGNAT, 1, 4), theft(30 * MINUTE)));
    const second = makeWatcher();
    second.book.restore(before ? [before] : []);
    const [after, ...rest] = watch(second, merged(ticketTraffic(CGNAT, 1, 4), theft(40 * MINUTE)));
    expect(rest).toEqual([]);
    expect(after?.id).toBe(before?.id);
    expect(after?.firstMs).toBe(before?.firstMs);
    expect(after?.count).toBeGreaterThan(before?.count ?? 0);
  });

  it("makes no burst of a backlog that comes at once, and says nothing of what is long past", () => {
    const backlog = [
      ...steady(50, 200, (i) =>
        random() < 0.02 ? { ...fresh(i), ...UNREADABLE, outcome: "full", mechanism: null } : fresh(i),
      ),
    ];
    const nowMs = BEGIN_MS + 50 * MINUTE;
    const watcher = makeWatcher();
    for (const one of backlog) watcher.see(one, nowMs);
    const found = Array.from({ length: 40 }, (_, i) => watcher.tick(nowMs + i * 5_000)).flat();
    expect(found).toEqual([]);
    const late = makeWatcher();
    for (const one of steady(1, 60, (i) => ({ ...RESUMED, ticketId: "x", client: client(i % 20) })))
      late.see(one, BEGIN_MS + 2 * 3_600_000);
    expect(late.table).toBeNull();
  });
});
