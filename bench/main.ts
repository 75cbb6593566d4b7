/** `npm run bench`: prints figures and ratios; `ingest`, `formats`, `memory`, `read` (and days, segments, and a REPRISE_STORE_URL), `consoles`, `peers` (and events), `growth`, `detect` or `agent` (and lines a second), `tap` (and connections), `forward` (and seconds) runs that part. */
import { cpus } from "node:os";
import { benchAgent } from "./agent.ts";
import { benchConsoles } from "./consoles.ts";
import { benchDetect } from "./detect.ts";
import { benchForward } from "./forward.ts";
import { benchGrowth } from "./growth.ts";
import { benchFormats, benchIngest } from "./ingest.ts";
import { benchMemory } from "./memory.ts";
import { benchPeers } from "./peers.ts";
import { benchReads } from "./read.ts";
import { benchTap } from "./tap.ts";

const [part, number, second, url] = process.argv.slice(2);
process.stdout.write(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}\n\n`,
);
if (part === undefined || part === "ingest") {
  const rows = await benchIngest();
  const yardstick = rows[0]?.perCpuSecond ?? 1;
  process.stdout.write("| ingest | events per CPU-second | ratio to JSON.parse | |\n|---|---|---|---|\n");
  for (const { name, perCpuSecond, note } of rows)
    process.stdout.write(
      `| ${name} | ${Math.round(perCpuSecond).toLocaleString("en-US")} | ${(perCpuSecond / yardstick).toFixed(3)} | ${note} |\n`,
    );
}
if (part === "formats") {
  const rows = await benchFormats();
  const native = rows[0]?.perCpuSecond ?? 1;
  process.stdout.write("| format | events per CPU-second | ratio to native | |\n|---|---|---|---|\n");
  for (const { name, perCpuSecond, note } of rows)
    process.stdout.write(
      `| ${name} | ${Math.round(perCpuSecond).toLocaleString("en-US")} | ${(perCpuSecond / native).toFixed(2)} | ${note} |\n`,
    );
}
if (part === undefined || part === "memory") {
  process.stdout.write("\n| memory | peak of each fifth, MB | counted minus sent |\n|---|---|---|\n");
  for (const { name, peaksMb, difference } of await benchMemory())
    process.stdout.write(`| ${name} | ${peaksMb.map((mb) => mb.toFixed(0)).join(", ")} | ${difference} |\n`);
}
if (part === undefined || part === "read") {
  const days = number ? Number(number) : 90;
  const segmentCount = second ? Number(second) : 500;
  process.stdout.write(
    `\n| read, ${days} days × ${segmentCount} segments | cold ms | warm ms |\n|---|---|---|\n`,
  );
  for (const { name, coldMs, warmMs } of await benchReads({ days, segmentCount, storeUrl: url ?? "" }))
    process.stdout.write(`| ${name} | ${coldMs.toFixed(0)} | ${warmMs.toFixed(0)} |\n`);
}
if (part === undefined || part === "consoles") {
  process.stdout.write(
    "\n| 20 pushes of 100 a second | push p50 ms | p99 ms | Overview p50 ms | p99 ms |\n|---|---|---|---|---|\n",
  );
  for (const { name, push, overview } of await benchConsoles()) {
    const seen = overview ? `${overview.p50Ms.toFixed(0)} | ${overview.p99Ms.toFixed(0)}` : "|";
    process.stdout.write(`| ${name} | ${push.p50Ms.toFixed(1)} | ${push.p99Ms.toFixed(1)} | ${seen} |\n`);
  }
}
if (part === undefined || part === "peers") {
  const { rows, missing } = await benchPeers(number ? Number(number) : undefined);
  const middle = (list: readonly number[]): number => list[list.length >> 1] ?? 0;
  const own = middle(rows[0]?.cpuSeconds ?? [1]);
  process.stdout.write(
    "\n| peers | CPU s a million (least – most) | ratio to Reprise | can then be asked |\n|---|---|---|---|\n",
  );
  for (const { name, answers, cpuSeconds } of rows) {
    const spread = `${(cpuSeconds[0] ?? 0).toFixed(2)} – ${(cpuSeconds.at(-1) ?? 0).toFixed(2)}`;
    const ratio = (middle(cpuSeconds) / own).toFixed(2);
    process.stdout.write(
      `| ${name} | ${middle(cpuSeconds).toFixed(2)} (${spread}) | ${ratio} | ${answers} |\n`,
    );
  }
  for (const name of missing) process.stdout.write(`\nLeft out, since it is not here: ${name}\n`);
}
if (part === undefined || part === "growth") {
  process.stdout.write(
    "\n| growth | times | µs an event | last day by endpoint, ms | in total, ms | MB on disk |\n|---|---|---|---|---|---|\n",
  );
  for (const { what, times, eventUs, byEndpointMs, totalMs, megabytes } of await benchGrowth())
    process.stdout.write(
      `| ${what} | ${times} | ${eventUs.toFixed(1)} | ${byEndpointMs.toFixed(1)} | ${totalMs.toFixed(1)} | ${megabytes.toFixed(1)} |\n`,
    );
}
if (part === undefined || part === "agent") {
  const row = await benchAgent(number ? Number(number) : 20_000, Number(process.env.SECS ?? 40));
  process.stdout.write("\n| agent, nginx JSON lines | |\n|---|---|\n");
  process.stdout.write(`| lines a second | ${row.perSecond.toLocaleString("en-US")} |\n`);
  process.stdout.write(
    `| resident, typical / peak | ${row.typicalMb.toFixed(0)} / ${row.peakMb.toFixed(0)} MB |\n`,
  );
  process.stdout.write(`| CPU seconds per million lines | ${row.cpuSecondsPerMillion.toFixed(1)} |\n`);
  process.stdout.write(
    `| counted minus written | ${row.difference} of ${row.lines.toLocaleString("en-US")} |\n`,
  );
}
if (part === undefined || part === "tap") {
  process.stdout.write(
    "\n| tap, per CPU-second | packets | MB | handshakes | resident at each quarter, MB | peak, MB |\n|---|---|---|---|---|---|\n",
  );
  for (const row of await benchTap(number ? Number(number) : undefined)) {
    const each = [row.packets, row.megabytes, row.handshakes].map((sum) =>
      Math.round(sum / row.cpuSeconds).toLocaleString("en-US"),
    );
    const resident = row.residentMb.map((mb) => mb.toFixed(0)).join(", ");
    process.stdout.write(
      `| ${row.name} (${row.packets.toLocaleString("en-US")} packets, ${(row.megabytes / 1_000).toFixed(1)} GB) | ${each.join(" | ")} | ${resident} | ${row.peakMb.toFixed(0)} |\n`,
    );
  }
}
if (part === undefined || part === "forward") {
  process.stdout.write(
    "\n| forwarding, per million handshakes | MB on the wire | MB as events under zstd | CPU s at the site (without) | CPU s at the centre |\n|---|---|---|---|---|\n",
  );
  for (const row of await benchForward(number ? Number(number) : undefined)) {
    const [wire, events] = [row.wireBytes, row.eventBytes].map((bytes) => (bytes / 1e6).toFixed(1));
    const [here, alone, there] = [row.cpuSeconds, row.cpuSecondsAlone, row.centreCpuSeconds].map((s) =>
      s.toFixed(1),
    );
    process.stdout.write(
      `| ${row.perSecond.toLocaleString("en-US")} a second, gathered ${row.gatherMs / 1_000} s | ${wire} | ${events} | ${here} (${alone}) | ${there} |\n`,
    );
  }
}
if (part === undefined || part === "detect") {
  process.stdout.write(
    "\n| segments | a minute's rows, CPU ms | tick, CPU ms | together |\n|---|---|---|---|\n",
  );
  for (const { groups, feedMs, tickMs } of benchDetect())
    process.stdout.write(
      `| ${groups} | ${feedMs.toFixed(1)} | ${tickMs.toFixed(1)} | ${(feedMs + tickMs).toFixed(1)} |\n`,
    );
}
