/** Client certificates that their CA has revoked: out at once, with sessions that were made before. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Authority, type Pair } from "../support/certificates.ts";
import { startCollector, type TestCollector } from "../support/collector.ts";

const ours = new Authority("our ca");
const server = ours.issue("collector.example");
const [good, lost] = [ours.issue("edge-1"), ours.issue("edge-2")];
const folder = mkdtempSync(join(tmpdir(), "reprise-revoked-"));
const [crl, config] = [join(folder, "crl.pem"), join(folder, "c.yaml")];

let collector: TestCollector;
beforeAll(async () => {
  writeFileSync(crl, ours.revoke());
  writeFileSync(config, "clients:\n  - name: edge-*\n    node: true\n    scopes: [handshakes]\n");
  const files = { collectorTlsCert: server.certFile, collectorTlsKey: server.keyFile };
  const clients = { collectorTlsCa: ours.caFile, collectorTlsCrl: crl };
  collector = await startCollector({ requireTokens: true, configFile: config, ...files, ...clients });
});
afterAll(async () => {
  await collector.destroy();
  rmSync(folder, { recursive: true });
});

/** Pushes a handshake on a connection of its own. */
function push({ cert, key }: Pair, session?: Buffer) {
  return new Promise<{ status: number; session: Buffer | null; isReused: boolean }>((resolve, reject) => {
    let made: Buffer | null = null;
    const place = { host: "127.0.0.1", port: collector.httpPort, ca: ours.ca, cert, key };
    const socket = connect({ ...place, ...(session ? { session } : {}) }, () => {
      const path = "/v1/handshakes";
      const sent = request({
        path,
        method: "POST",
        headers: { connection: "close" },
        createConnection: () => socket,
      });
      sent.on("error", reject);
      sent.on("response", (response) => {
        response.resume();
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, session: made, isReused: socket.isSessionReused() }),
        );
      });
      sent.end(JSON.stringify({ ts: Date.now(), protocol: "TLSv1.3", outcome: "full" }));
    });
    socket.on("session", (data) => {
      made = data;
    });
    socket.on("error", reject);
  });
}

it("lets in whom the list does not name, and nobody whom it does, with a session from before neither", async () => {
  const before = await push(lost);
  expect([before.status, (await push(good)).status]).toEqual([200, 200]);
  expect(await push(lost, before.session ?? undefined)).toMatchObject({ status: 200, isReused: true });
  writeFileSync(crl, ours.revoke(lost));
  collector.reload();
  expect(await push(lost, before.session ?? undefined)).toMatchObject({ status: 401, isReused: false });
  expect([(await push(lost)).status, (await push(good)).status]).toEqual([401, 200]);
});

it("keeps the last list where a new one cannot be used", async () => {
  writeFileSync(crl, "nothing");
  collector.reload();
  expect([(await push(lost)).status, (await push(good)).status]).toEqual([401, 200]);
});
