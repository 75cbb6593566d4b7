import { Writable } from "node:stream";
import { expect, it, vi } from "vitest";
import { Progress } from "./progress.ts";

function startProgress(isTTY: boolean) {
  let text = "";
  const sink = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const stream = Object.assign(sink, { isTTY, columns: 120 });
  let nowMs = 1_000_000;
  const progress = new Progress(stream, () => nowMs);
  const written = () => text;
  return { progress, written, pass: (ms: number) => (nowMs += ms) };
}

it("writes a line every five seconds at most where no terminal shows a bar", () => {
  const { progress, written, pass } = startProgress(false);
  progress.begin("Importing", 100_000_000);
  for (let n = 0; n < 40; n += 1) {
    pass(300);
    progress.readBytes(1_000_000);
    progress.tookLines(3_000);
  }
  progress.end();
  const lines = written().trim().split("\n");
  expect(lines).toEqual([
    "Importing: 17.0 of 100.0 MB, 10,000 lines/s, 25 s left",
    "Importing: 34.0 of 100.0 MB, 10,000 lines/s, 20 s left",
  ]);
});

it("shows a bar with bytes, lines a second and the time left on a terminal", async () => {
  const { progress, written, pass } = startProgress(true);
  progress.begin("Importing", 2_000_000_000);
  pass(10_000);
  progress.readBytes(10_000_000);
  progress.tookLines(500_000);
  await vi.waitFor(
    () => expect(written()).toContain("10.0 of 2000.0 MB, 50,000 lines/s, 33 min 10 s left"),
    5_000,
  );
  progress.end();
  expect(written()).toContain("Importing");
});

it("knows no time left before anything was read", () => {
  const { progress } = startProgress(false);
  progress.begin("Importing", 5_000_000);
  expect(progress.describe(1_000_000)).toBe("0.0 of 5.0 MB, 0 lines/s");
});
