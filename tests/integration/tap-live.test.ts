import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { selfSigned } from "../../collector/fleet/certificate.ts";
import { tapped } from "../support/captures.ts";
import { until } from "../support/collector.ts";
import { freePort, hasProgram, pathWithSbin, type Running, startProgram } from "../support/process.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
const folder = mkdtempSync(join(tmpdir(), "reprise-tap-"));
const file = (name: string): string => join(folder, name);
let ports: { early: number; late: number };
let nginx: Running | undefined;
let tcpdump: ChildProcess | undefined;
/** Why nothing can be captured here; null where it can. */
let obstacle: string | null = null;

/** Two servers that share their ticket key; only the first takes early data, and only P-256 is spoken. */
function configuration(): string {
  const server = (port: number, early: string): string => `
    server {
      listen 127.0.0.1:${port} ssl;
      ssl_early_data ${early};
      return 200 "ok\\n";
    }`;
  return `
pid ${file("pid")};
error_log stderr;
daemon off;
worker_processes 1;
events {}
http {
  access_log off;
  # Refused early data is not sent again by s_client: the server ends such a visit.
  client_header_timeout 3s;
  ssl_certificate ${file("cert.pem")};
  ssl_certificate_key ${file("key.pem")};
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ecdh_curve prime256v1;
  ssl_session_cache shared:tls:1m;
  ssl_session_timeout 7m;
  ssl_session_ticket_key ${file("ticket.key")};
  ${server(ports.early, "on")}
  ${server(ports.late, "off")}
}`;
}

beforeAll(async () => {
  if (!["tcpdump", "nginx", "openssl"].every(hasProgram)) {
    obstacle = "tcpdump, nginx or openssl is missing";
    return;
  }
  const { cert, key } = selfSigned(["shop.example"], Date.now());
  ports = { early: await freePort(), late: await freePort() };
  writeFileSync(file("cert.pem"), cert);
  writeFileSync(file("key.pem"), key);
  writeFileSync(file("ticket.key"), randomBytes(80));
  writeFileSync(file("request"), REQUEST);
  writeFileSync(file("nginx.conf"), configuration());
  nginx = await startProgram("nginx", ["-p", folder, "-c", file("nginx.conf")], { port: ports.early });
  const filter = `tcp port ${ports.early} or tcp port ${ports.late}`;
  tcpdump = spawn(
    "tcpdump",
    ["-i", "lo", "-U", "--immediate-mode", "-Z", "root", "-w", file("live.pcap"), filter],
    {
      env: pathWithSbin(),
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let said = "";
  const ended = once(tcpdump, "exit");
  tcpdump.stderr?.on("data", (text) => {
    said += text;
  });
  await Promise.race([ended, until(async () => said.includes("listening on"), 20_000)]);
  if (tcpdump.exitCode !== null) obstacle = `capturing is not allowed here: ${said.trim()}`;
});

afterAll(async () => {
  tcpdump?.kill("SIGTERM");
  await nginx?.stop();
  rmSync(folder, { recursive: true });
});

/** One visit of OpenSSL's client; what it says of the handshake itself. */
async function visit(port: number, words: readonly string[]): Promise<string> {
  const child = spawn("openssl", [
    ...["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "shop.example", "-ign_eof", ...words],
  ]);
  let out = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      out += text;
    });
  child.stdin.on("error", () => undefined);
  // As early data the request has gone already; one that was refused goes again.
  child.stdin.end(words.includes("-early_data") ? "" : REQUEST);
  await once(child, "close");
  const outcome = /^(New|Reused), TLS/m.exec(out)?.[1];
  const early = /Early data was (accepted|rejected)/.exec(out)?.[1] ?? "none";
  return `${outcome === "Reused" ? "resumed" : outcome === "New" ? "full" : "failed"} ${early}`;
}

it("sees on the wire of a real server what its clients report", async ({ skip }) => {
  if (obstacle !== null) skip(obstacle);
  const { early, late } = ports;
  const tls13 = ["-tls1_3", "-groups", "P-256"];
  const tls12 = ["-tls1_2", "-groups", "P-256"];
  const reported = [
    await visit(early, [...tls13, "-sess_out", file("psk")]),
    await visit(early, [...tls13, "-sess_in", file("psk")]),
    // The client's first share is of a group that the server does not speak.
    await visit(early, ["-tls1_3", "-groups", "X25519:P-256", "-sess_in", file("psk")]),
    await visit(early, [...tls13, "-sess_in", file("psk"), "-early_data", file("request")]),
    // The other server takes the ticket, but no early data.
    await visit(late, [...tls13, "-sess_in", file("psk"), "-early_data", file("request")]),
    await visit(early, ["-tls1_3", "-groups", "X448"]),
    await visit(early, [...tls12, "-sess_out", file("ticket")]),
    await visit(late, [...tls12, "-sess_in", file("ticket")]),
    await visit(early, [...tls12, "-no_ticket", "-sess_out", file("id")]),
    await visit(early, [...tls12, "-no_ticket", "-sess_in", file("id")]),
  ];
  await until(async () => {
    const size = statSync(file("live.pcap")).size;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    return statSync(file("live.pcap")).size === size;
  }, 30_000);
  const { handshakes, keys, counts } = tapped(readFileSync(file("live.pcap")));
  expect(handshakes.map((h) => `${h.outcome} ${h.earlyData}`)).toEqual(reported);
  expect(reported).toContain("resumed accepted");
  expect(reported).toContain("resumed rejected");
  expect(handshakes.map((h) => h.offer)).toEqual([
    ...["none", "psk", "psk", "psk", "psk", "none", "none", "ticket", "none", "session_id"],
  ]);
  expect(handshakes.map((h) => h.helloRetry)).toEqual(handshakes.map((_, index) => index === 2));
  const name = readFileSync(file("ticket.key")).toString("hex", 0, 16);
  expect(keys.map((key) => [key.keyName, key.lifetimeHintS])).toEqual([[name, 420]]);
  expect(new Set(handshakes.map((h) => h.keyName))).toEqual(new Set([null, name]));
  expect(handshakes[5]?.alert).toBe("handshake_failure");
  expect(counts).toMatchObject({ missing: 0, malformed: 0, unfinished: 0 });
}, 300_000);
