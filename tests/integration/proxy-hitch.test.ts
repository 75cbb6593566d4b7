import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { totalsOf, until } from "../support/collector.ts";
import { freePort, hasProgram, startProgram } from "../support/process.ts";
import { ProxyLab, visit } from "../support/proxy.ts";

let lab: ProxyLab;
let port: number;
beforeEach(async () => {
  lab = await ProxyLab.start();
  port = await freePort();
});
afterEach(() => lab.destroy());

describe.skipIf(!hasProgram("hitch"))("hitch with the configuration that the Sources page gives", () => {
  it("every connection once and timed, full or resumed unknown", async () => {
    // It refuses to run its workers as root.
    const user = process.getuid?.() === 0 ? 'user = "nobody"\ngroup = "nogroup"' : "";
    const text = `${lab.configurationOf("hitch", /file/).replaceAll("/var/log", lab.folder)}
frontend = { host = "127.0.0.1" port = "${port}" }
backend = "[127.0.0.1]:${lab.originPort}"
pem-file = "${lab.folder}/bundle.pem"
tls-protos = TLSv1.2 TLSv1.3
ciphers = "HIGH:!aNULL"
workers = 2
daemon = off
${user}
`;
    await writeFile(join(lab.folder, "hitch.conf"), text);
    const hitch = lab.add(await startProgram("hitch", [`--config=${lab.folder}/hitch.conf`], { port }));
    const made = await visit(port, { sessionIds: true });
    hitch.child.kill("SIGHUP");
    await until(async () => (await lab.read("hitch.log")).includes("Config reloaded"));
    await hitch.stop();
    await lab.feed("hitch", join(lab.folder, "hitch.log"));
    // The one that failed is the look whether hitch takes connections.
    expect(await totalsOf(lab.collector)).toEqual({
      unknown: made.full + made.resumed,
      failed: 1,
    });
    expect(made.resumed).toBeGreaterThan(30);
    expect(await lab.series("full")).toEqual({ all: 0 });
    expect(await lab.series("resumed")).toEqual({ all: 0 });
    const titles = (await lab.changes()).map((change) => change.title).sort();
    expect(titles).toEqual(["hitch reloaded its configuration", "hitch started"]);
    expect(Object.values(await lab.series("handshake_us")).every((us) => us > 0)).toBe(true);
  });
});
