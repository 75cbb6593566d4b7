import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../support/collector.ts";
import { freePort, hasProgram, startProgram } from "../support/process.ts";
import { ProxyLab, visit } from "../support/proxy.ts";

let lab: ProxyLab;
let port: number;
beforeEach(async () => {
  lab = await ProxyLab.start();
  port = await freePort();
});
afterEach(() => lab.destroy());

describe.skipIf(!hasProgram("stunnel4"))("stunnel with the configuration that the Sources page gives", () => {
  it("every connection once, by its mechanism", async () => {
    const text = `${lab.configurationOf("stunnel", /file/).replaceAll("/var/log/stunnel4", lab.folder)}
foreground = yes
pid = ${lab.folder}/stunnel.pid
[shop.example]
accept = 127.0.0.1:${port}
connect = 127.0.0.1:${lab.originPort}
cert = ${lab.folder}/bundle.pem
sslVersionMin = TLSv1.2
`;
    await writeFile(join(lab.folder, "stunnel.conf"), text);
    const stunnel = lab.add(await startProgram("stunnel4", [join(lab.folder, "stunnel.conf")], { port }));
    const made = await visit(port, { sessionIds: true });
    stunnel.child.kill("SIGHUP");
    const read = async () => (await lab.read("stunnel.log")).split("Configuration successful").length - 1;
    await until(async () => (await read()) === 2);
    await stunnel.stop();
    await lab.feed("stunnel", join(lab.folder, "stunnel.log"));
    expect(made.resumed).toBeGreaterThan(40);
    await lab.expectVisited(made);
    // The look whether stunnel takes connections.
    expect(await lab.series("failed")).toEqual({ all: 1 });
    const titles = (await lab.changes()).map((change) => change.title).sort();
    expect(titles).toEqual(["stunnel reloaded its configuration", "stunnel started"]);
  });
});
