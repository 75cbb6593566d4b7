import { expect } from "vitest";
import { isName } from "../../collector/pipeline/names.ts";
import { SyslogFraming } from "../../collector/transports/syslog-framing.ts";
import { parseSyslogMessage } from "../../collector/transports/syslog-message.ts";
import { fuzz } from "./fuzz.ts";
import { Random } from "./random.ts";
import { RECORDED } from "./seeds.ts";

const MAX_BYTES = 16_384;
const headed = RECORDED.filter((line) => line.startsWith("<")).slice(0, 200);
const HEADERS = [
  '<165>1 2026-11-24T10:00:00.003Z edge-9 nginx 8710 ID47 [ex@32473 iut="3" e="a \\" \\] b"][x y="z"] \ufefftext',
  "<165>1 - - - - - -",
  "<13>Nov  4 10:00:00 edge-9 haproxy[17]: {}",
  "<13>Nov  4 10:00:00  nginx: {}",
  "<134>2026-11-24T10:00:00.123456+00:00 edge-9 nginx: {}",
  `<134>1 2026-11-24T10:00:00Z h a p m ${'[a b="c"]'.repeat(50)} text`,
];

fuzz({
  name: "syslog-message",
  kind: "text",
  seeds: [...headed, ...HEADERS].map((line) => Buffer.from(line)),
  start: () => (input) => {
    const line = input.toString("utf8");
    const message = parseSyslogMessage(line);
    if (message === null) return;
    expect(message.text.length).toBeLessThanOrEqual(line.length);
    if (message.host !== null && (message.host === "" || !isName(message.host)))
      throw new Error(`host is ${JSON.stringify(message.host)}`);
  },
});

const counted = (line: string): string => `${Buffer.byteLength(line)} ${line}`;
const STREAMS = [
  headed.slice(0, 4).map(counted).join(""),
  headed.slice(4, 8).join("\n"),
  `${headed.slice(8, 10).map(counted).join("\n")}\nplain line\r\n{"a":1}\n`,
  counted('{"a":"b"}') + counted("<13>Nov  4 10:00:00 h a: b\n"),
  "2026/11/24 10:00:00 [info] 7#7: *1 a line that begins with digits\n17 ",
  `99999999 <${"x".repeat(300)}\n20000 <y`,
];

/** Cut anywhere, a stream gives the same messages, and never holds more than the longest message it may. */
fuzz({
  name: "syslog-framing",
  kind: "bytes",
  seeds: STREAMS.map((stream) => Buffer.from(stream)),
  start: () => {
    const random = new Random("cuts");
    return (input) => {
      const whole = framesOf([input]);
      const parts: Buffer[] = [];
      for (let at = 0; at < input.length; ) {
        const size = 1 + random.below(random.once(3) ? 5 : 40_000);
        parts.push(input.subarray(at, at + size));
        at += size;
      }
      const cut = framesOf(parts);
      for (const message of whole.messages)
        if (Buffer.byteLength(message) > 3 * MAX_BYTES)
          throw new Error(`a message of ${message.length} characters`);
      if (whole.tooLong === 0 && !isSame(cut.messages, whole.messages))
        throw new Error(`cut ${parts.map(({ length }) => length)}: ${preview(cut)} is not ${preview(whole)}`);
    };
  },
});

function framesOf(parts: readonly Buffer[]): { messages: string[]; tooLong: number } {
  const framing = new SyslogFraming(MAX_BYTES);
  const messages: string[] = [];
  let tooLong = 0;
  for (const frames of [...parts.map((part) => framing.push(part)), framing.end()]) {
    for (const message of frames.messages) messages.push(message);
    tooLong += frames.tooLong;
  }
  return { messages, tooLong };
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((message, index) => message === b[index]);
const preview = (frames: object): string => JSON.stringify(frames, null, 1).slice(0, 200);
