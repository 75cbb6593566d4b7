import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { type Detection, detectScenario } from "../../collector/cli/detect-scenario.ts";

const FIXTURES = "tests/fixtures/anomaly";
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "reprise-detect-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Start of the fault in tickets-disabled, and the change that caused it; from the labels of the scenario it was cut from. */
const FAULT_S = 1_768_309_200;
const CAUSE = "7677f1f6e4";

/** A scenario in which each line was changed. */
function changed(name: string, change: (file: string, line: Record<string, unknown>) => unknown): string {
  const to = mkdtempSync(join(folder, "changed-"));
  cpSync(join(FIXTURES, name), to, { recursive: true });
  for (const file of ["handshakes.ndjson.gz", "changes.ndjson", "cache.ndjson.gz", "silences.ndjson"]) {
    const bytes = readFileSync(join(to, file));
    const lines = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes)
      .toString("utf8")
      .split("\n")
      .filter(Boolean);
    const text = lines.map((line) => `${JSON.stringify(change(file, JSON.parse(line)))}\n`).join("");
    writeFileSync(join(to, file), file.endsWith(".gz") ? gzipSync(text) : text);
  }
  return to;
}

const pages = (found: readonly Detection[]) => found.filter((detection) => detection.class === "page");

describe("recorded scenarios", () => {
  const found = pages(detectScenario(join(FIXTURES, "tickets-disabled")).detections);

  it("finds that tickets were turned off, by whom, and who is hit, after one bucket", () => {
    expect(found.length).toBe(1);
    const [page] = found;
    expect((page?.start ?? 0) - FAULT_S).toBeLessThanOrEqual(300);
    expect(page).toMatchObject({ kind: "tickets_disabled", cause_change_id: CAUSE });
    expect(page?.scope).toMatchObject({ endpoint: ["pay"], node: null });
    expect(page?.confidence.kind).toBeGreaterThan(0.9);
  });

  it("pages nobody for five hours of new clients", () => {
    expect(pages(detectScenario(join(FIXTURES, "new-users")).detections)).toEqual([]);
  });

  it("finds the same under other names", () => {
    const renamed = changed("tickets-disabled", (_file, line) =>
      JSON.parse(
        JSON.stringify(line).replaceAll('"pay"', '"q"').replaceAll("fra-1", "zz").replaceAll("browser", "b"),
      ),
    );
    const again = pages(detectScenario(renamed).detections);
    expect(again.map(({ start, kind, cause_change_id }) => [start, kind, cause_change_id])).toEqual(
      found.map(({ start, kind, cause_change_id }) => [start, kind, cause_change_id]),
    );
  });

  it("says that no recorded change explains it where the change is not recorded", () => {
    const silent = changed("tickets-disabled", (file, line) =>
      file === "changes.ndjson" && line.id === CAUSE ? { ...line, attrs: { component: "logging" } } : line,
    );
    const [page] = pages(detectScenario(silent).detections);
    expect(page).toMatchObject({ start: found[0]?.start, cause_change_id: null });
  });

  it("finds it without reasons, offers and times too", () => {
    const bare = changed("tickets-disabled", (file, line) => {
      if (file !== "handshakes.ndjson.gz") return line;
      const counts = new Map<string, number>();
      for (const [text, count] of Object.entries(line.c as Record<string, number>)) {
        const [mechanism, outcome] = text.split("|");
        const key = outcome === "full" ? "none|full" : `${mechanism}|${outcome}`;
        counts.set(key, (counts.get(key) ?? 0) + count);
      }
      const { ms: _ms, ...rest } = line;
      return { ...rest, c: Object.fromEntries(counts) };
    });
    const meta = join(bare, "meta.json");
    writeFileSync(meta, readFileSync(meta, "utf8").replace('"rich"', '"basic"'));
    const [page, ...more] = pages(detectScenario(bare).detections);
    expect(more).toEqual([]);
    expect((page?.start ?? 0) - FAULT_S).toBeLessThanOrEqual(900);
    expect(page).toMatchObject({ kind: "tickets_disabled", cause_change_id: CAUSE });
  });
});

describe("reprise detect", () => {
  const reprise = (...words: string[]) =>
    run(process.execPath, ["collector/cli/main.ts", "detect", ...words]);

  it("writes one line a detection, totals on stdout, and reads no labels", async () => {
    const out = join(folder, "found.ndjson");
    const { stdout } = await reprise(FIXTURES, "--out", out, "--json", "--workers", "1");
    expect(JSON.parse(stdout)).toMatchObject({ scenarios: 2, pages: 1 });
    const lines = readFileSync(out, "utf8").trim().split("\n");
    const page = lines.map((line) => JSON.parse(line)).find((line) => line.class === "page");
    expect(page).toMatchObject({ scenario: "tickets-disabled", kind: "tickets_disabled", end: null });
  });

  it("ends with 1 where there is no scenario, and 2 for wrong words", async () => {
    const out = ["--out", join(folder, "none")];
    await expect(reprise("docs", ...out)).rejects.toMatchObject({ code: 1 });
    await expect(reprise(FIXTURES)).rejects.toMatchObject({ code: 2 });
    await expect(reprise(FIXTURES, ...out, "--workers", "none")).rejects.toMatchObject({ code: 2 });
  });
});
