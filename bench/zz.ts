import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nativeLines, nginxLines } from "./generate.ts";
import { startCollectorProcess } from "./process.ts";

const [kind = "native", countS = "1000000", batchS = "5000", spanS = "60000", prof = ""] =
  process.argv.slice(2);
const count = Number(countS),
  batch = Number(batchS);
const cpu = (pid: number) => {
  const f = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(f[11]) + Number(f[12])) / 100;
};
const dataDir = mkdtempSync(join(tmpdir(), "reprise-zz-"));
const sp = ((cmd: string, words: string[], o: object) =>
  spawn(cmd, [...(prof ? ["--cpu-prof", `--cpu-prof-dir=${prof}`] : []), ...words], o)) as typeof spawn;
const c = await startCollectorProcess(sp, dataDir, { REPRISE_MISUSE: process.env.MISUSE ?? "1" });
await new Promise((r) => setTimeout(r, 4000));
const rounds = Number(process.env.ROUNDS ?? 4);
const senders = Number(process.env.SENDERS ?? 8);
const path = kind === "native" ? "/v1/handshakes" : "/v1/lines/nginx?node=a";
for (let round = 0; round < rounds; round++) {
  const at = { seed: 7 + round, endMs: Date.now(), spanMs: Number(spanS) };
  const lines = kind === "native" ? nativeLines(count, at) : nginxLines(count, at);
  const bodies: string[] = [];
  for (let i = 0; i < lines.length; i += batch) bodies.push(lines.slice(i, i + batch).join("\n"));
  const b = cpu(c.pid),
    w = Date.now();
  let next = 0;
  const send = async () => {
    for (let i = next++; i < bodies.length; i = next++) {
      const r = await fetch(c.url + path, { method: "POST", body: bodies[i] });
      const t = await r.text();
      if (!r.ok) throw new Error(t.slice(0, 200));
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
  const used = cpu(c.pid) - b;
  console.log(
    `${kind} ${count} batch ${batch} round ${round}: ${Math.round(lines.length / used)} per CPU-s, ${used.toFixed(2)} CPU s, wall ${(Date.now() - w) / 1000}s; peak ${/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${c.pid}/status`, "utf8"))?.[1]} kB`,
  );
}
const b2 = cpu(c.pid);
await new Promise((r) => setTimeout(r, Number(process.env.TAIL ?? 0)));
console.log("afterwards", (cpu(c.pid) - b2).toFixed(2), "CPU s");
await c.stop();
rmSync(dataDir, { recursive: true });
