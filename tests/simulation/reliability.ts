/**
 * How often diagnoses and causes that were given with a probability were right:
 *   node tests/simulation/reliability.ts SCORER SPLIT DETECTIONS [SPLIT DETECTIONS …]
 * SCORER is the benchmark's score.mjs. Hits only: what was missed has no diagnosis.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

type Given = { readonly probability: number; readonly right: boolean };
type Match = {
  hit: boolean;
  causeOk: boolean;
  kindOk: boolean;
  d?: { confidence?: { kind: number; cause: number } };
};

const EDGES = [0, 0.5, 0.7, 0.9, 0.97, 1.000001];

const [scorer = "", ...pairs] = process.argv.slice(2);
const { loadSplit, readDetections, score } = await import(pathToFileURL(resolve(scorer)).href);
const kinds: Given[] = [];
const causes: Given[] = [];
for (let i = 0; i + 1 < pairs.length; i += 2) {
  const { by } = readDetections(pairs[i + 1]);
  const scenarios = loadSplit(pairs[i]).filter(({ id }: { id: string }) => by.has(id));
  for (const { r } of score(scenarios, by).per) {
    for (const { hit, causeOk, kindOk, d } of r.matched as Match[]) {
      if (!hit || !d?.confidence) continue;
      kinds.push({ probability: d.confidence.kind, right: kindOk });
      causes.push({ probability: d.confidence.cause, right: causeOk });
    }
  }
}

function table(title: string, given: readonly Given[]): string {
  const lines = EDGES.slice(0, -1).flatMap((from, i) => {
    const inside = given.filter(
      ({ probability }) => probability >= from && probability < (EDGES[i + 1] ?? 2),
    );
    if (inside.length === 0) return [];
    const mean = inside.reduce((sum, { probability }) => sum + probability, 0) / inside.length;
    const right = inside.filter((one) => one.right).length;
    const to = Math.min(1, EDGES[i + 1] ?? 1);
    return [
      `  ${from}…${to}: ${inside.length} given, ${(100 * mean).toFixed(0)} % on average, ${right} right`,
    ];
  });
  return [title, ...lines].join("\n");
}

process.stdout.write(`${table("diagnoses", kinds)}\n${table("causes", causes)}\n`);
