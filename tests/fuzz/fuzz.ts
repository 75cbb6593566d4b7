import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

const CORPUS = "tests/fuzz/corpus";
/** Inputs for each target; without it, as many as fit into a tenth of a second. */
const RUNS = Number(process.env.REPRISE_FUZZ_RUNS ?? 0);
const SHORT_MS = 100;
const SEED = process.env.REPRISE_FUZZ_SEED ?? "reprise";
/** A single input may not take longer, on a machine that takes CALIBRATED_MS for what `calibration` does. */
const SLOW_MS = 100;
const CALIBRATED_MS = 60;
const MAX_FAILURES = 5;
/** Decoders have bounded memory: what many inputs leave behind once the decoder itself is still there. */
const MAX_KEPT_BYTES = 96 * 1024 * 1024;

export type Target = {
  /** Unique; also the beginning of the names of its files in the corpus. */
  readonly name: string;
  readonly kind: "text" | "bytes";
  /** Real inputs that are damaged. */
  readonly seeds: readonly Buffer[];
  /** A decoder in its first state; it throws where an input makes it break a promise. */
  readonly start: () => Run;
};
type Run = (input: Buffer) => void | Promise<void>;

type Failure = { readonly input: Buffer; readonly problem: string };

/** A test that throws damaged inputs at a target; those that broke it before come first. */
export function fuzz(target: Target): void {
  it(`${target.name}: nothing that was sent makes it throw, stall, grow or lie`, async () => {
    expect(target.seeds.length, "real inputs to begin with").toBeGreaterThan(0);
    const failures = [...(await replayed(target)), ...(await hunted(target))];
    for (const { input } of failures) keep(target.name, input);
    expect(failures.map(({ problem, input }) => `${problem}\n  ${preview(input)}`)).toEqual([]);
  });
}

/** Inputs that broke a target once, and the real ones undamaged. */
async function replayed(target: Target): Promise<Failure[]> {
  mkdirSync(CORPUS, { recursive: true });
  const files = readdirSync(CORPUS).filter((name) => name.startsWith(`${target.name}-`));
  const inputs = [...files.map((name) => readFileSync(join(CORPUS, name))), ...target.seeds];
  const run = target.start();
  const failures: Failure[] = [];
  for (const input of inputs) {
    const failure = await attempt(target, run, input);
    if (failure) failures.push(failure);
  }
  return failures;
}

async function hunted(target: Target): Promise<Failure[]> {
  const random = new Random(`${SEED} ${target.name}`);
  const failures = new Map<string, Failure>();
  const run = target.start();
  const heldBefore = RUNS > 0 ? heldBytes() : 0;
  const startMs = performance.now();
  let count = 0;
  for (; more(count, startMs) && failures.size < MAX_FAILURES; count += 1) {
    const input = mutate(random, target.seeds, target.kind);
    const failure = await attempt(target, run, input);
    if (failure) failures.set(failure.problem.slice(0, 80), failure);
  }
  if (RUNS > 0) {
    const keptBytes = heldBytes() - heldBefore;
    report(target, { count, tookMs: performance.now() - startMs, keptBytes });
    // Asked of the decoder once more, so that it lives until here.
    await run(Buffer.from("end"));
    if (keptBytes > MAX_KEPT_BYTES)
      failures.set("kept", {
        input: Buffer.alloc(0),
        problem: `${keptBytes} bytes are kept after ${count} inputs`,
      });
  }
  return [...failures.values()];
}

function more(count: number, startMs: number): boolean {
  // The clock costs as much as a small input.
  return RUNS > 0 ? count < RUNS : count % 8 !== 0 || performance.now() - startMs < SHORT_MS;
}

/** Runs one input; what went wrong, or null. */
async function attempt(target: Target, run: Run, input: Buffer): Promise<Failure | null> {
  const startMs = performance.now();
  try {
    const running = run(input);
    // Only what is asynchronous pays for being so.
    if (running) await running;
  } catch (error) {
    return { input, problem: (error as Error).stack?.split("\n").slice(0, 4).join(" | ") ?? String(error) };
  }
  if (performance.now() - startMs < SLOW_MS) return null;
  // The machine may have been busy, or the code cold: it is slow only if it is slow every time.
  let tookMs = Number.POSITIVE_INFINITY;
  for (let again = 0; again < 4; again += 1) tookMs = Math.min(tookMs, await timed(target.start(), input));
  return tookMs < SLOW_MS * Math.max(1, calibration() / CALIBRATED_MS)
    ? null
    : { input, problem: `slow: ${tookMs.toFixed(0)} ms for ${input.length} bytes` };
}

/** Milliseconds of CPU for a fixed piece of work, now: neighbours on a machine slow each other's caches and clocks down. */
function calibration(): number {
  const bytes = Buffer.alloc(1_000_000, 7);
  const before = process.threadCpuUsage();
  let sum = 0;
  for (let round = 0; round < 8; round += 1) for (const byte of bytes) sum = (sum * 31 + byte) | 0;
  const { user, system } = process.threadCpuUsage(before);
  return sum === 1 ? 0 : (user + system) / 1_000;
}

async function timed(run: Run, input: Buffer): Promise<number> {
  // What others do on this machine does not count.
  const before = process.threadCpuUsage();
  await run(input);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

/** Bytes on the heap that something holds. */
export function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function report(target: Target, figures: { count: number; tookMs: number; keptBytes: number }): void {
  const { count, tookMs, keptBytes } = figures;
  const rate = Math.round(count / (tookMs / 1000));
  process.stdout.write(
    `${target.name}: ${count} inputs, ${rate}/s, ${(keptBytes / 1_048_576).toFixed(1)} MiB kept\n`,
  );
}

function keep(name: string, input: Buffer): void {
  if (input.length === 0) return;
  const digest = createHash("sha256").update(input).digest("hex").slice(0, 12);
  writeFileSync(join(CORPUS, `${name}-${digest}`), input);
}

function preview(input: Buffer): string {
  return `${input.length} bytes: ${JSON.stringify(input.subarray(0, 400).toString("latin1"))}`;
}
