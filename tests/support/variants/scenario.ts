/** Labelled scenarios as files, in the format that `reprise detect` and its scorer read. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

export type Row = {
  ts: number;
  arr?: number;
  endpoint: string;
  node: string;
  region: string;
  platform: string;
  protocol: string;
  c: Record<string, number>;
  ms: [number, number, number];
};
export type Change = {
  id: string;
  ts: number;
  type: string;
  scope: {
    endpoints: string[] | null;
    nodes: string[] | null;
    platforms: string[] | null;
    domain: string | null;
  };
  attrs: Record<string, unknown>;
};
export type Reading = { ts: number; type: string; endpoint?: string; node?: string } & Record<
  string,
  string | number | undefined
>;
export type Label = {
  id: string;
  kind: string;
  start: number;
  end: number;
  scope: { endpoints: string[]; nodes: string[] | null };
} & Record<string, unknown>;
export type Fault = Label & {
  scope: { endpoints: string[]; nodes: string[] | null; segments: string[] };
  cause_change_id: string | null;
  credit_until: number;
};
export type Labels = {
  scenario: string;
  score_from: number;
  score_to: number;
  faults: Fault[];
  nonfaults: Label[];
  ignore: Label[];
  history: { start: number; end: number; endpoint: string }[];
};
export type Meta = {
  scenario: string;
  bucket_s: number;
  start: number;
  end: number;
  score_from: number;
  telemetry: "rich" | "basic";
  nodes: { name: string; region: string }[];
  endpoints: { name: string; segments: { platform: string; protocol: string }[] }[];
} & Record<string, unknown>;
type Silence = { start: number; end: number; announced_at: number; scope: Record<string, unknown> };

export type Scenario = {
  meta: Meta;
  labels: Labels;
  rows: Row[];
  readings: Reading[];
  changes: Change[];
  silences: Silence[];
};

export function readScenario(folder: string): Scenario {
  const text = (name: string) => readFileSync(join(folder, name), "utf8");
  const packed = (name: string) => gunzipSync(readFileSync(join(folder, name))).toString("utf8");
  const lines = <T>(all: string): T[] =>
    all
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return {
    meta: JSON.parse(text("meta.json")),
    labels: JSON.parse(text("labels.json")),
    rows: lines(packed("handshakes.ndjson.gz")),
    readings: lines(packed("cache.ndjson.gz")),
    changes: lines(text("changes.ndjson")),
    silences: lines(text("silences.ndjson")),
  };
}

export function writeScenario(folder: string, name: string, of: Scenario): void {
  mkdirSync(folder, { recursive: true });
  const lines = (all: readonly unknown[]) => all.map((one) => `${JSON.stringify(one)}\n`).join("");
  const write = (file: string, data: string | Buffer) => writeFileSync(join(folder, file), data);
  write("meta.json", JSON.stringify({ ...of.meta, scenario: name }));
  write("labels.json", JSON.stringify({ ...of.labels, scenario: name }));
  write("handshakes.ndjson.gz", gzipSync(lines(of.rows), { level: 1 }));
  write("cache.ndjson.gz", gzipSync(lines(of.readings), { level: 1 }));
  write("changes.ndjson", lines(of.changes.sort((a, b) => a.ts - b.ts)));
  write("silences.ndjson", lines(of.silences));
}

/** Outcome of a result key: "full", "resumed" or "failed". */
export const outcomeOf = (key: string): string => key.split("|")[1] ?? "";

export function total(row: Row, outcome: string): number {
  return Object.entries(row.c).reduce((sum, [key, n]) => sum + (outcomeOf(key) === outcome ? n : 0), 0);
}
