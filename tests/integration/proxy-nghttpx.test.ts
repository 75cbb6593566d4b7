import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../support/collector.ts";
import { freePort, hasProgram, type Running, startProgram } from "../support/process.ts";
import { ProxyLab, visit } from "../support/proxy.ts";
import { connectOnce } from "../support/tls-clients.ts";

let lab: ProxyLab;
let port: number;
beforeEach(async () => {
  lab = await ProxyLab.start();
  port = await freePort();
});
afterEach(() => lab.destroy());

async function start(title: RegExp): Promise<Running> {
  const text = `${lab.configurationOf("nghttpx", title).replaceAll("/var/log/nghttpx", lab.folder)}
frontend=127.0.0.1,${port}
backend=127.0.0.1,${lab.originPort}
private-key-file=${lab.folder}/key.pem
certificate-file=${lab.folder}/cert.pem
no-ocsp=yes
workers=2
`;
  await writeFile(join(lab.folder, "nghttpx.conf"), text);
  return lab.add(await startProgram("nghttpx", [`--conf=${lab.folder}/nghttpx.conf`], { port }));
}

/** Stored handshakes of the last ten minutes by protocol, outcome, offer and reason. */
async function rows(): Promise<Record<string, number>> {
  const nowMs = Date.now();
  const window = { fromMs: nowMs - 600_000, toMs: nowMs + 60_000, stepMs: 10_000 };
  const { rows } = await lab.collector.store.readRollups(1, { ...window, by: ["protocol"] });
  const counts: Record<string, number> = {};
  for (const { group, outcome, offer, reason, count } of rows) {
    const key = `${group.protocol} ${outcome} ${offer} ${reason}`;
    counts[key] = (counts[key] ?? 0) + count;
  }
  return counts;
}

describe.skipIf(!hasProgram("nghttpx"))("nghttpx with the configuration that the Sources page gives", () => {
  it("access log: every connection once, by its mechanism, and its new ticket key", async () => {
    const nghttpx = await start(/^Access log/);
    const made = await visit(port, { sessionIds: true });
    await nghttpx.stop();
    await lab.feed("nghttpx", join(lab.folder, "reprise.json.log"));
    await lab.feed("nghttpx", join(lab.folder, "error.log"));
    expect(made.resumed).toBeGreaterThan(40);
    await lab.expectVisited(made);
    const changes = await lab.changes();
    expect(changes.map((change) => change.kind)).toEqual(["key_rotation"]);
  });

  it("error log at INFO: offers, and tickets refused since their key is gone", async () => {
    const nghttpx = await start(/^Error log at INFO/);
    const made = await visit(port, { sessionIds: true });
    const plans = (["TLSv1.2", "TLSv1.3"] as const).map((protocol) => {
      return { port, protocol, tickets: true, connections: 1, freshEvery: 1, requests: 1 };
    });
    const held = await Promise.all(plans.map(async (plan) => ({ plan, one: await connectOnce(plan, null) })));
    // It makes its own keys: a reload forgets them.
    const begun = async () => (await lab.read("error.log")).split("Entering event loop").length - 1;
    const before = await begun();
    nghttpx.child.kill("SIGHUP");
    await until(async () => (await begun()) > before);
    for (const { plan, one } of held) expect((await connectOnce(plan, one.session)).resumed).toBe(false);
    await nghttpx.stop();
    await lab.feed("nghttpx", join(lab.folder, "error.log"));
    expect(await lab.series("full")).toEqual({ all: made.full + 4 });
    expect(await lab.series("resumed", "mechanism")).toEqual(made.byMechanism);
    expect(await rows()).toMatchObject({
      "TLSv1.2 full ticket unknown_key": 1,
      "TLSv1.3 full psk unknown_key": 1,
      "TLSv1.2 full none null": 5,
      "TLSv1.3 full none null": 5,
      "TLSv1.2 resumed ticket null": made.byMechanism.ticket,
      "TLSv1.3 resumed psk null": made.byMechanism.psk,
    });
    const accepted = (made.byMechanism.ticket ?? 0) + (made.byMechanism.psk ?? 0);
    expect(await lab.series("accept_rate")).toEqual({ all: accepted / (accepted + 2) });
  });
});
