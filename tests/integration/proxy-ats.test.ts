import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { totalsOf, until } from "../support/collector.ts";
import { freePort, hasProgram, startProgram } from "../support/process.ts";
import { ProxyLab, visit } from "../support/proxy.ts";

const FOLDERS = ["etc", "log", "run", "cache"];
const IP_ALLOW = "ip_allow:\n  - {apply: in, ip_addrs: 127.0.0.1, action: allow, methods: ALL}\n";

let lab: ProxyLab;
let port: number;
beforeEach(async () => {
  lab = await ProxyLab.start();
  port = await freePort();
});
afterEach(() => lab.destroy());

const records = () => `CONFIG proxy.config.http.server_ports STRING ${port}:ssl:ip-in=127.0.0.1
CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.crash_log_helper STRING
CONFIG proxy.config.http.cache.http INT 0
CONFIG proxy.config.log.logging_enabled INT 3
CONFIG proxy.config.log.max_secs_per_buffer INT 1
CONFIG proxy.config.diags.output.note STRING L
CONFIG proxy.config.ssl.server.cert.path STRING ${lab.folder}
CONFIG proxy.config.ssl.server.private_key.path STRING ${lab.folder}
CONFIG proxy.config.ssl.session_cache INT 2
CONFIG proxy.config.config_update_interval_ms INT 200
`;

/** Where Traffic Server finds its own parts and its files, all in the lab's folder. */
const layout = () => `prefix: ${lab.folder}
exec_prefix: /usr
bindir: /usr/bin
sbindir: /usr/sbin
includedir: /usr/include
libdir: /usr/lib/trafficserver
libexecdir: /usr/lib/trafficserver/modules
sysconfdir: ${lab.folder}/etc
logdir: ${lab.folder}/log
runtimedir: ${lab.folder}/run
localstatedir: ${lab.folder}/run
datadir: ${lab.folder}/cache
cachedir: ${lab.folder}/cache
`;

async function startTrafficServer(): Promise<void> {
  for (const name of FOLDERS) await mkdir(join(lab.folder, name));
  const files: Record<string, string> = {
    "runroot.yaml": layout(),
    "etc/records.config": records(),
    "etc/logging.yaml": lab.configurationOf("ats", /Traffic Server 9/),
    "etc/ssl_multicert.config": "dest_ip=* ssl_cert_name=cert.pem ssl_key_name=key.pem\n",
    "etc/remap.config": `map / http://127.0.0.1:${lab.originPort}/\n`,
    "etc/ip_allow.yaml": IP_ALLOW,
    "etc/sni.yaml": "sni: []\n",
    "etc/plugin.config": "",
    "etc/storage.config": "",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(lab.folder, name), text);
  lab.add(await startProgram("traffic_server", [`--run-root=${lab.folder}/runroot.yaml`], { port }));
}

describe.skipIf(!hasProgram("traffic_server"))(
  "a real Traffic Server, with the configuration of the Sources page",
  () => {
    it("to a file: every connection once, by its mechanism; its start becomes a change", async () => {
      await startTrafficServer();
      const made = await visit(port, { sessionIds: true });
      expect(made.resumed).toBeGreaterThan(40);
      const log = join(lab.folder, "log", "reprise.log");
      // Lines are written in blocks, a second later: three requests on each connection.
      const lines = async () =>
        (await lab.read("log/reprise.log").catch(() => "")).toString().split("\n").length - 1;
      await until(async () => (await lines()) >= 3 * (made.full + made.resumed));
      await lab.feed("ats", log);
      await lab.expectVisited(made);
      expect(await totalsOf(lab.collector)).toEqual({ full: made.full, resumed: made.resumed });
      await lab.feed("ats", join(lab.folder, "log", "diags.log"));
      const window = { fromMs: Date.now() - 600_000, toMs: Date.now() + 60_000, limit: 10 };
      expect(await lab.collector.store.readChanges(1, window)).toMatchObject([
        { kind: "reload", node: "edge-1", title: "Traffic Server loaded its certificates and ticket keys" },
      ]);
    });
  },
);
