import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { FilePosition } from "./followed-file.ts";
import type { Checkpoint, SpoolRecord } from "./record.ts";
import { Spool } from "./spool.ts";

const MOST_BYTES = 16_000_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reprise-spool-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (offset: number): Checkpoint => ({
  input: [
    {
      path: "/log",
      dev: "1",
      ino: "2",
      head: "",
      headBytes: 0,
      offset,
      skipping: false,
      mtimeMs: 0,
      finished: false,
    } satisfies FilePosition,
  ],
});
const offsetOf = (checkpoint: Checkpoint | null): number => checkpoint?.input?.[0]?.offset ?? 0;
const body = (text: string) => [{ target: "/v1/rollups?source=nginx", body: Buffer.from(text) }];
const textOf = (record: SpoolRecord | null): string | undefined => record?.parts[0]?.body.toString();
const segments = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".spool"))
    .sort();
/** Everything that waits, acknowledged one by one. */
function drain(spool: Spool): string[] {
  const texts: string[] = [];
  for (let record = spool.peek(); record; record = spool.peek()) {
    texts.push(textOf(record) ?? "");
    spool.acknowledge(record.number);
  }
  return texts;
}

it("gives records back in order until they are acknowledged, over restarts, the same bytes under the same id", () => {
  const first = new Spool(folder, MOST_BYTES);
  expect([first.checkpoint, first.peek(), first.waiting]).toEqual([null, null, 0]);
  for (let n = 1; n <= 3; n += 1) first.append(body(`r${n}`), at(n));
  const record = first.peek();
  expect(textOf(record)).toBe("r1");
  first.close();
  const second = new Spool(folder, MOST_BYTES);
  expect(second.peek()).toEqual(record);
  expect([second.waiting, offsetOf(second.checkpoint)]).toEqual([3, 3]);
  second.acknowledge(1);
  second.close();
  const third = new Spool(folder, MOST_BYTES);
  expect(drain(third)).toEqual(["r2", "r3"]);
  third.close();
  const fourth = new Spool(folder, MOST_BYTES);
  expect([drain(fourth), offsetOf(fourth.checkpoint), fourth.damage]).toEqual([[], 3, []]);
  fourth.append(body("r4"), at(4));
  expect(drain(fourth)).toEqual(["r4"]);
  fourth.close();
});

it("gives back the disk as records are acknowledged, and says when it is full", () => {
  const spool = new Spool(folder, MOST_BYTES);
  const large = "x".repeat(1_000_000);
  let made = 0;
  for (; !spool.isFull; made += 1) spool.append(body(large), at(made));
  expect(made).toBeGreaterThan(10);
  expect(spool.bytes).toBeLessThan(MOST_BYTES);
  expect(segments().length).toBeGreaterThan(2);
  expect(drain(spool).length).toBe(made);
  expect([spool.isFull, segments().length]).toEqual([false, 1]);
  expect(offsetOf(spool.checkpoint)).toBe(made - 1);
  spool.close();
});

type Step = "append" | "acknowledge" | "reopen";
type Told = { appended: number; acknowledged: number; bytes: number };

/** Runs steps, and notes after each how many records were durable when the open segment had which size. */
function play(steps: readonly Step[]): Told[] {
  let spool = new Spool(folder, MOST_BYTES);
  let appended = 0;
  let acknowledged = 0;
  let history: Told[] = [];
  const note = (): void => {
    const last = segments().at(-1) ?? "";
    history.push({ appended, acknowledged, bytes: readFileSync(join(folder, last)).length });
  };
  note();
  for (const step of steps) {
    if (step === "append") {
      appended += 1;
      spool.append(body(`r${appended}`), at(appended));
    } else if (step === "acknowledge") {
      const record = spool.peek();
      if (!record) continue;
      const before = segments().length;
      spool.acknowledge(record.number);
      acknowledged = record.number;
      // A segment left the disk, after a sync: what came before cannot be cut any more.
      if (segments().length < before) history = [];
    } else {
      spool.close();
      spool = new Spool(folder, MOST_BYTES);
      history = [];
    }
    note();
  }
  spool.close();
  return history;
}

it("cut at any byte, as a crash in the middle of a write leaves it, holds a prefix: no record twice, none half", () => {
  const step = fc.constantFrom<Step>("append", "append", "append", "acknowledge", "reopen");
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(), { size: "+1" }),
      (steps, places) => {
        rmSync(folder, { recursive: true, force: true });
        const history = play(steps);
        const saved = mkdtempSync(join(tmpdir(), "reprise-spool-cut-"));
        const last = segments().at(-1) ?? "";
        const length = readFileSync(join(folder, last)).length;
        const [first] = history;
        const least = first?.bytes ?? 0;
        // Every boundary, the byte on either side of it, and places anywhere.
        const near = history.flatMap(({ bytes }) => [bytes - 1, bytes, bytes + 1]);
        const anywhere = places.map((place) => least + (place % (length - least + 1)));
        for (const cut of new Set([...near, ...anywhere].filter((one) => one >= least && one <= length))) {
          cpSync(folder, saved, { recursive: true, force: true });
          truncateSync(join(saved, last), cut);
          // What was whole when the file had this length is what must be there.
          const durable = history.findLast(({ bytes }) => bytes <= cut);
          if (!durable) throw new Error("no state is that short");
          const spool = new Spool(saved, MOST_BYTES);
          expect(offsetOf(spool.checkpoint)).toBe(durable.appended);
          expect(spool.lostRecords).toBe(0);
          const waiting = Array.from(
            { length: durable.appended - durable.acknowledged },
            (_, i) => `r${durable.acknowledged + i + 1}`,
          );
          expect(drain(spool)).toEqual(waiting);
          spool.append(body("next"), at(99));
          expect(drain(spool)).toEqual(["next"]);
          spool.close();
          rmSync(saved, { recursive: true });
        }
      },
    ),
    { numRuns: 6 },
  );
}, 60_000);

it("sets a damaged record aside, names it, says that it is lost and sends all others", () => {
  const spool = new Spool(folder, MOST_BYTES);
  for (let n = 1; n <= 4; n += 1) spool.append(body(`record ${n}`), at(n));
  spool.close();
  const file = join(folder, segments().at(-1) ?? "");
  const bytes = readFileSync(file);
  const hit = bytes.indexOf("record 2");
  bytes[hit] = 0x21;
  writeFileSync(file, bytes);
  for (let start = 0; start < 20; start += 1) {
    const again = new Spool(folder, MOST_BYTES);
    if (start === 0) {
      expect([again.damage.length, again.lostRecords]).toEqual([1, 1]);
      expect(readFileSync(again.damage[0]?.file ?? "").includes("!ecord 2")).toBe(true);
    } else expect(again.damage).toEqual([]);
    expect(offsetOf(again.checkpoint)).toBe(4);
    again.close();
  }
  const last = new Spool(folder, MOST_BYTES);
  expect(drain(last)).toEqual(["record 1", "record 3", "record 4"]);
  last.append(body("record 5"), at(5));
  expect(drain(last)).toEqual(["record 5"]);
  last.close();
});

it("opens whatever bytes are in its files", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(400), (junk, place) => {
      rmSync(folder, { recursive: true, force: true });
      const spool = new Spool(folder, MOST_BYTES);
      spool.append(body("r1"), at(1));
      spool.append(body("r2"), at(2));
      spool.close();
      const file = join(folder, segments().at(-1) ?? "");
      const bytes = readFileSync(file);
      const where = Math.min(place, bytes.length);
      writeFileSync(file, Buffer.concat([bytes.subarray(0, where), junk, bytes.subarray(where)]));
      const again = new Spool(folder, MOST_BYTES);
      const texts = drain(again);
      expect(["r1", "r2"].filter((text) => texts.includes(text))).toEqual(texts);
      again.append(body("r3"), at(3));
      expect(drain(again)).toEqual(["r3"]);
      again.close();
    }),
    { numRuns: 40 },
  );
});
