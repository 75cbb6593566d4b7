import { parseWireHandshake } from "../../collector/sources/native/parse.ts";
import { decodeWireKey } from "../../collector/sources/native/parse-key.ts";
import { NodeNames } from "../../collector/tap/addresses.ts";
import { readNewSessionTicket, readServerHello } from "../../collector/tap/server-hello.ts";
import { Tap } from "../../collector/tap/tap.ts";
import { parseClientHello, readClientHello } from "../../lib/domain/client-hello.ts";
import { captureOf, type Frame, framesOf, pcapngOf, pcapOf, RECORDED, tcpOf } from "../support/captures.ts";
import { fuzz } from "./fuzz.ts";
import { Random } from "./random.ts";

const LIMITS = { flows: 64, bytes: 200_000 };
/** One packet and one message beyond the limit, before the oldest flow goes. */
const MOST_BYTES = LIMITS.bytes + 400_000;
const captures = RECORDED.map(captureOf);
const frames = captures.flatMap(framesOf);

/** A tap whose every handshake and key has to fit the contracts. */
function strictTap(): Tap {
  const fits = (parsed: { readonly ok: boolean }, told: object): void => {
    if (!parsed.ok)
      throw new Error(`the contract refuses ${JSON.stringify(parsed)}: ${JSON.stringify(told)}`);
  };
  return new Tap({
    ...{ nodes: new NodeNames(new Map(), null), region: null, endpoint: null, families: new Map() },
    limits: LIMITS,
    onHandshake: (handshake) => {
      if ((handshake.endpoint ?? "").length <= 253) fits(parseWireHandshake(handshake), handshake);
    },
    onKey: (key) => {
      if ((key.endpoint ?? "").length <= 253) fits({ ok: decodeWireKey(key).kind !== "refused" }, key);
    },
  });
}

function bounded({ held }: Tap): void {
  if (held.flows > LIMITS.flows) throw new Error(`${held.flows} flows`);
  if (held.bytes < 0 || held.bytes > MOST_BYTES) throw new Error(`${held.bytes} bytes held`);
}

/** Whole captures, damaged anywhere, in pieces of any size: the same whatever the pieces. */
fuzz({
  name: "tap-capture",
  kind: "bytes",
  seeds: [...captures, pcapngOf(frames.slice(0, 60)), pcapOf(frames.slice(60, 120), { little: false })],
  start: () => {
    const random = new Random("pieces");
    return (input) => {
      const whole = strictTap();
      whole.push(input);
      whole.end();
      const pieces = strictTap();
      for (let at = 0; at < input.length; ) {
        const size = 1 + random.below(random.once(3) ? 8 : 40_000);
        pieces.push(input.subarray(at, at + size));
        bounded(pieces);
        at += size;
      }
      pieces.end();
      if (pieces.held.bytes !== 0) throw new Error(`${pieces.held.bytes} bytes are still held`);
      if (JSON.stringify(pieces.counts) !== JSON.stringify(whole.counts))
        throw new Error(`${JSON.stringify(pieces.counts)} is not ${JSON.stringify(whole.counts)}`);
    };
  },
});

/** Damaged packets among sound ones, in one long capture. */
fuzz({
  name: "tap-packets",
  kind: "bytes",
  seeds: frames.filter((frame) => tcpOf(frame).end > tcpOf(frame).start).map(({ bytes }) => bytes),
  start: () => {
    const tap = strictTap();
    const random = new Random("links");
    tap.push(pcapOf([]));
    let atUs = 1e15;
    return (input) => {
      const bytes = input.subarray(0, 200_000);
      atUs += random.below(100_000);
      const sound = random.pick(frames);
      const made: Frame[] = [{ bytes, wireBytes: bytes.length + random.below(2) * 100, atUs, linkType: 1 }];
      tap.push(pcapOf([...made, { ...sound, atUs }]).subarray(24));
      bounded(tap);
      if (tap.problem !== null) throw new Error(tap.problem);
    };
  },
});

const payloads = frames.map((frame) => frame.bytes.subarray(tcpOf(frame).start, tcpOf(frame).end));

/** The messages that are read, as bytes. */
fuzz({
  name: "tap-messages",
  kind: "bytes",
  seeds: payloads.filter((payload) => payload[0] === 22),
  start: () => (input) => {
    parseClientHello(input);
    const body = input.subarray(9);
    readClientHello(body);
    readServerHello(body);
    readNewSessionTicket(body);
  },
});
