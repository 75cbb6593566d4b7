import fc from "fast-check";
import { expect, it } from "vitest";
import {
  captureOf,
  type Frame,
  framesOf,
  pcapOf,
  RECORDED,
  segmentOf,
  tapped,
  tcpOf,
} from "../../support/captures.ts";

const FIN = 1;
const SYN = 2;
const RST = 4;
const frames = RECORDED.flatMap((name) => framesOf(captureOf(name)));
const { handshakes: expected } = tapped(pcapOf(frames));
/** Whatever the order of packets does to times, the rest stays. */
const told = (made: readonly Frame[]) =>
  tapped(pcapOf(made)).handshakes.map(({ ts: _ts, handshakeUs: _us, ticketAgeS: _age, ...rest }) => rest);
const usual = told(frames);
const length = (frame: Frame): number => tcpOf(frame).end - tcpOf(frame).start;

/** The frames of one connection of the recordings (its client's port). */
const connection = (port: number): Frame[] =>
  frames.filter(({ bytes }) => [bytes.readUInt16BE(34), bytes.readUInt16BE(36)].includes(port));

it("puts segments of any size together", () => {
  for (const size of [1, 5, 100]) {
    const made = frames.flatMap((frame) => {
      if (length(frame) === 0) return [frame];
      const parts = Math.ceil(length(frame) / size);
      return Array.from({ length: parts }, (_, part) => segmentOf(frame, part * size, (part + 1) * size));
    });
    expect(tapped(pcapOf(made)).handshakes.map((h) => [h.outcome, h.keyName, h.reason])).toEqual(
      expected.map((h) => [h.outcome, h.keyName, h.reason]),
    );
    expect(told(made)).toEqual(usual);
  }
});

it("takes packets that came twice, late, or in another order within their direction", () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(9)), (chances) => {
      const made: Frame[] = [];
      let late: Frame | null = null;
      for (const frame of frames) {
        const chance = chances.next().value;
        const [half = 0] = [Math.floor(length(frame) / 2)];
        if (late === null && chance < 2 && length(frame) > 1) {
          // The second half first, with an overlap, and the rest later, sometimes twice.
          made.push(segmentOf(frame, half, length(frame)));
          late = segmentOf(frame, 0, half + (chance === 0 ? 1 : 0));
          made.push(late, ...(chance === 0 ? [late] : []));
          late = null;
          continue;
        }
        made.push(frame, ...(chance > 7 ? [frame] : []));
      }
      const { handshakes } = tapped(pcapOf(made));
      // Early data is told by the order of records: where that is not certain, it is not known.
      const without = (list: readonly object[]) => list.map((h) => ({ ...h, earlyData: undefined }));
      expect(without(handshakes.map(({ ts: _t, handshakeUs: _u, ticketAgeS: _a, ...rest }) => rest))).toEqual(
        without(usual),
      );
    }),
    { numRuns: 60 },
  );
});

it("needs no SYN, but needs the beginning", () => {
  const withoutSyn = frames.filter((frame) => (tcpOf(frame).flags & SYN) === 0);
  expect(told(withoutSyn)).toEqual(usual);
  const joined = connection(21_003)
    .filter((frame) => length(frame) > 0)
    .slice(1);
  const { handshakes, counts } = tapped(pcapOf(joined));
  expect(handshakes).toEqual([]);
  expect(counts).toMatchObject({ flows: 0, missing: 0, malformed: 0 });
});

it("passes over what a snapshot length cut where nothing is read, and says so where it is", () => {
  const cutAt = (size: number): Frame[] =>
    frames.map((frame) => ({ ...frame, bytes: frame.bytes.subarray(0, size) }));
  // Certificates and encrypted records are cut, the hellos and tickets are not.
  const { handshakes, counts } = tapped(pcapOf(cutAt(700)));
  expect(handshakes.map((h) => [h.outcome, h.keyName])).toEqual(expected.map((h) => [h.outcome, h.keyName]));
  expect(counts.cutPackets).toBeGreaterThan(10);
  const short = tapped(pcapOf(cutAt(120)));
  expect(short.counts).toMatchObject({ handshakes: 0, missing: 20 });
});

it("passes over a packet that is missing where nothing is read", () => {
  const [ticket = []] = [connection(21_001)];
  // Everything of the server but its hello in segments of 100 bytes, one of those with the certificate lost.
  const made = ticket.flatMap((frame) =>
    tcpOf(frame).fromServer && length(frame) > 400
      ? Array.from({ length: Math.ceil(length(frame) / 100) }, (_, i) =>
          segmentOf(frame, i * 100, Math.min(length(frame), (i + 1) * 100)),
        ).filter((_, i) => i !== 2)
      : [frame],
  );
  expect(made.length).toBeGreaterThan(ticket.length + 3);
  const { handshakes, counts } = tapped(pcapOf(made));
  expect(handshakes.map((h) => [h.outcome, h.offer])).toEqual([["full", "none"]]);
  expect(counts.missing).toBe(0);
});

it("tells connections apart that use the same ports one after the other", () => {
  const first = connection(21_001);
  const second = connection(21_004).map((frame) => {
    const bytes = Buffer.from(frame.bytes);
    bytes.writeUInt16BE(21_001, tcpOf(frame).fromServer ? 36 : 34);
    return { ...frame, bytes };
  });
  expect(told([...first, ...second]).map((h) => [h.outcome, h.offer])).toEqual([
    ["full", "none"],
    ["full", "ticket"],
  ]);
});

it("counts a connection that is reset or closed within its handshake as failed, if the server was heard", () => {
  const frames13 = connection(21_008);
  const hello = frames13.findIndex((frame) => length(frame) > 0);
  const begun = frames13.slice(0, hello + 1);
  const end = (flags: number): Frame => {
    const last = begun[hello] as Frame;
    const made = segmentOf(last, length(last), length(last));
    made.bytes[tcpOf(made).ip + 13] = flags;
    return made;
  };
  const outcome = (made: readonly Frame[]) => tapped(pcapOf(made)).handshakes.map((h) => h.outcome);
  expect(outcome([...begun, end(RST)])).toEqual(["failed"]);
  expect(outcome([...begun, end(FIN)])).toEqual(["failed"]);
  expect(outcome(begun)).toEqual([]);
  // A capture of one direction only: nobody knows.
  const oneSided = begun.filter((frame) => !tcpOf(frame).fromServer);
  expect(outcome([...oneSided, end(RST)])).toEqual([]);
  expect(tapped(pcapOf(oneSided)).counts.unfinished).toBe(1);
});

it("lets the oldest go when there are too many, and gives up what takes too long", () => {
  const hellos = RECORDED.map((name) =>
    framesOf(captureOf(name)).find((frame) => length(frame) > 0),
  ) as Frame[];
  const { counts } = tapped(pcapOf(hellos), { limits: { flows: 2 } });
  expect(counts).toMatchObject({ flows: 6, evicted: 4, unfinished: 2 });
  const late = { ...(hellos[1] as Frame), atUs: (hellos[0]?.atUs ?? 0) + 61e6 };
  expect(tapped(pcapOf([hellos[0] as Frame, late])).counts).toMatchObject({ unfinished: 2, evicted: 0 });
});

it("keeps no more bytes than it may, whoever sends half of something", () => {
  const [hello] = connection(21_002).filter((frame) => length(frame) > 0) as [Frame];
  const halves = Array.from({ length: 5_000 }, (_, n) => {
    const half = segmentOf(hello, 0, length(hello) - 3);
    half.bytes.writeUInt16BE(1_024 + n, 34);
    return half;
  });
  const { counts } = tapped(pcapOf(halves), { limits: { bytes: 100_000 } });
  expect(counts.flows).toBe(5_000);
  expect(counts.missing + counts.malformed).toBe(0);
});
