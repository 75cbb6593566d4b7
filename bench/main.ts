/** `npm run bench`: prints figures and ratios; `ingest` or `read` runs that half, a number after `read` the days. */
import { cpus } from "node:os";
import { benchIngest } from "./ingest.ts";
import { benchReads } from "./read.ts";

const [half, days] = process.argv.slice(2);
process.stdout.write(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}\n\n`,
);
if (half !== "read") {
  const rows = await benchIngest();
  const yardstick = rows[0]?.perCpuSecond ?? 1;
  process.stdout.write("| ingest | events per CPU-second | ratio to JSON.parse | |\n|---|---|---|---|\n");
  for (const { name, perCpuSecond, note } of rows)
    process.stdout.write(
      `| ${name} | ${Math.round(perCpuSecond).toLocaleString("en-US")} | ${(perCpuSecond / yardstick).toFixed(3)} | ${note} |\n`,
    );
}
if (half !== "ingest") {
  process.stdout.write("\n| read, 500 segments | cold ms | warm ms |\n|---|---|---|\n");
  for (const { name, coldMs, warmMs } of await benchReads(days ? Number(days) : 90))
    process.stdout.write(`| ${name} | ${coldMs.toFixed(0)} | ${warmMs.toFixed(0)} |\n`);
}
