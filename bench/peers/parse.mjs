/** JSON.parse of each line, summed in a Map by endpoint, minute and outcome. */
import { readFileSync } from "node:fs";

const cells = new Map();
let events = 0;
let resumed = 0;
for (const line of readFileSync(process.argv[2], "utf8").split("\n")) {
  if (line === "") continue;
  const { ts, endpoint, outcome, handshakeUs } = JSON.parse(line);
  const key = `${Math.floor(ts / 60_000)} ${endpoint} ${outcome}`;
  let cell = cells.get(key);
  if (!cell) {
    cell = { count: 0, bins: new Map() };
    cells.set(key, cell);
  }
  cell.count += 1;
  const bin = Math.floor(Math.log2(handshakeUs) * 32);
  cell.bins.set(bin, (cell.bins.get(bin) ?? 0) + 1);
  events += 1;
  if (outcome === "resumed") resumed += 1;
}
process.stdout.write(`${events} ${resumed} ${cells.size}\n`);
