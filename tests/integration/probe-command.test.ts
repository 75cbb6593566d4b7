import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { probeCommand } from "../../collector/cli/probe.ts";
import { readSettings } from "../../lib/runtime/settings.ts";
import { ProbeLab, ticketKey } from "../support/probe-lab.ts";
import { hasProgram } from "../support/process.ts";

let lab: ProbeLab;
beforeEach(async () => {
  lab = await ProbeLab.start();
});
afterEach(() => lab.destroy());

type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs `reprise probe` as people do. */
function probe(words: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const child = spawn(process.execPath, ["bin/reprise.mjs", "probe", ...words], {
    env: { ...process.env, REPRISE_DATA_DIR: lab.path("data"), ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

describe.skipIf(!hasProgram("nginx"))("reprise probe", () => {
  const rate = ["--rate", "600", "--timeout", "20"];

  it("reports nodes that share keys, and ends with 0", async () => {
    await lab.write("a.key", ticketKey());
    const keyed = `ssl_protocols TLSv1.2 TLSv1.3; ssl_session_ticket_key ${lab.path("a.key")};`;
    const [a, b] = [await lab.nginx("a", keyed), await lab.nginx("b", keyed)];
    const nodes = [`edge-1=${a.address}`, `edge-2=${b.address}`];
    const { code, stdout, stderr } = await probe([...rate, "--server-name", "shop.example", ...nodes]);
    expect(stderr).toBe("");
    expect(stdout).toContain("shop.example, as shop.example: 2 of 2 nodes probed");
    expect(stdout).toMatch(/TLS 1\.3 PSK +resumed +\d+ µs, after \d+ µs for TCP/);
    expect(stdout).toMatch(/1\.3 +2 x 240 bytes, for 5 min, key [0-9a-f]{16}/);
    expect(stdout).toContain("All 2 nodes resume each other's sessions (2 of 2 pairs).");
    expect(stdout).toContain("! its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)");
    expect(code).toBe(0);
  });

  it("trusts what --ca vouches for, and prints JSON", async () => {
    const node = await lab.nginx("a", "ssl_protocols TLSv1.3;");
    const words = [
      ...rate,
      "--ca",
      lab.path("cert.pem"),
      "--json",
      "--server-name",
      "shop.example",
      node.address,
    ];
    const { code, stdout } = await probe(words);
    expect(code).toBe(0);
    const [found] = JSON.parse(stdout);
    expect(found.nodes[0].probe.certificate).toMatchObject({ trusted: true, distrust: null });
    expect(found.nodes[0].node).toBe(node.address);
    expect(found.verdicts).toEqual([]);
  });

  it("ends with 1 when nodes do not agree, or one is down", async () => {
    const [a, b] = [
      await lab.nginx("a", "ssl_protocols TLSv1.3;"),
      await lab.nginx("b", "ssl_protocols TLSv1.3;"),
    ];
    const apart = await probe([...rate, "--server-name", "shop.example", a.address, b.address]);
    expect(apart.code).toBe(1);
    expect(apart.stdout).toContain("No node resumes what another issued (0 of 2 pairs)");
    await b.running.stop();
    const down = await probe([...rate, a.address, b.address]);
    expect(down.code).toBe(1);
    expect(down.stdout).toContain("✗ no handshake: connection refused");
  });

  it("probes the targets of the configuration file, or one of them", async () => {
    const node = await lab.nginx("a", "ssl_protocols TLSv1.3;");
    const file = lab.path("reprise.yaml");
    const entry = (endpoint: string) =>
      `  - { endpoint: ${endpoint}, nodes: [{ name: a, address: "${node.address}" }] }`;
    await writeFile(file, `probe:\n${entry("shop.example")}\n${entry("pay.example")}\n`);
    const { code, stdout } = await probe(["--json", "--endpoint", "pay.example"], { REPRISE_CONFIG: file });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).map(({ endpoint }: { endpoint: string }) => endpoint)).toEqual(["pay.example"]);
  });

  it("ends with 2 for what makes no sense", async () => {
    const settings = { ...readSettings({}), dataDir: lab.path("data") };
    for (const input of [
      { nodes: [] },
      { nodes: ["not-an-address"] },
      { nodes: ["127.0.0.1:443"], rate: "0" },
    ]) {
      const stderr = new PassThrough();
      expect(await probeCommand(input, settings, { stdout: new PassThrough(), stderr })).toBe(2);
      expect(String(stderr.read())).toMatch(/^(Nothing to probe|nodes\.0\.address|handshakesPerMinute): /);
    }
    expect((await probe(["--unknown"])).code).toBe(2);
  });
});
