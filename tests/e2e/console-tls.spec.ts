import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect, test } from "@playwright/test";
import { Authority } from "../support/certificates.ts";
import { freePort, type Running, startProgram } from "../support/process.ts";

const ca = new Authority("our ca");
const [first, second] = [ca.issue("localhost"), ca.issue("renewed.example")];
const folder = mkdtempSync(join(tmpdir(), "reprise-console-tls-"));
const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
const install = ({ certFile, keyFile }: typeof first): void => {
  copyFileSync(certFile, files.cert);
  copyFileSync(keyFile, files.key);
};

let running: Running;
let port = 0;
let collectorPort = 0;
test.beforeAll(async () => {
  install(first);
  [port, collectorPort] = [await freePort(), await freePort()];
  running = await startProgram(process.execPath, ["scripts/start.mjs"], {
    port,
    withinMs: 120_000,
    env: {
      ...process.env,
      ...{ REPRISE_OWN_NODE: "1", REPRISE_DATA_DIR: join(folder, "data"), REPRISE_AUTH: "on" },
      ...{ PORT: String(port), REPRISE_COLLECTOR_PORT: String(collectorPort), REPRISE_SYSLOG_PORT: "0" },
      ...{ REPRISE_TLS_CERT: files.cert, REPRISE_TLS_KEY: files.key, REPRISE_LOG_LEVEL: "warn" },
    },
  });
  await expect.poll(() => running.output(), { timeout: 60_000 }).toContain("First administrator");
});
test.afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true });
});

test("people sign in over TLS, with cookies that go nowhere else, and events come", async ({ browser }) => {
  const link = /https:\/\/\S+\/welcome#\S+/.exec(running.output())?.[0] ?? "";
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const response = await page.goto(link);
  expect(response?.headers()["strict-transport-security"]).toBe("max-age=31536000");
  await page.getByLabel("Your name").fill("Ann");
  await page.getByLabel("E-mail address").fill("ann@shop.example");
  await page.getByLabel("Password, 12 characters or more").fill("a long enough password");
  const events = page.waitForResponse(/\/api\/events/);
  await page.getByRole("button", { name: "Go in" }).click();
  await expect(page.getByRole("navigation", { name: "Pages" })).toBeVisible();
  expect((await events).status()).toBe(200);
  const cookie = (await context.cookies()).find(({ name }) => name.includes("session"));
  expect(cookie).toMatchObject({ name: "__Host-reprise.session", secure: true, httpOnly: true, path: "/" });
  await context.close();
});

const openssl = (...words: string[]): string =>
  execFileSync("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, "-CAfile", ca.caFile, ...words], {
    input: "",
    encoding: "utf8",
    stdio: ["pipe", "pipe", "ignore"],
  });

test("nothing below TLS 1.2 is spoken, and OpenSSL's client resumes", async () => {
  expect(() => openssl("-tls1_1", "-cipher", "ALL:@SECLEVEL=0")).toThrow();
  const session = join(folder, "session.pem");
  expect(openssl("-tls1_2", "-sess_out", session)).toContain("New, TLSv1.2");
  for (let again = 0; again < 3; again += 1)
    expect(openssl("-tls1_2", "-sess_in", session)).toContain("Reused, TLSv1.2");
});

test("changed certificates are taken while connections stay", async () => {
  const open = () =>
    new Promise<ReturnType<typeof connect>>((resolve) => {
      const socket = connect({ host: "127.0.0.1", port, ca: ca.ca }, () => resolve(socket));
    });
  const before = await open();
  expect(before.getPeerCertificate().subject.CN).toBe("localhost");
  install(second);
  await expect
    .poll(
      async () => {
        const socket = await open();
        const name = socket.getPeerCertificate().subject.CN;
        socket.destroy();
        return name;
      },
      { timeout: 30_000 },
    )
    .toBe("renewed.example");
  expect(before.destroyed).toBe(false);
  before.destroy();
});

test("a client that sends no end of its headers is cut off", async () => {
  const socket = connect({ host: "127.0.0.1", port, ca: ca.ca });
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
  const dripping = setInterval(() => socket.writable && socket.write("x"), 500);
  socket.on("error", () => undefined);
  const begunMs = Date.now();
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(dripping);
  expect(Date.now() - begunMs).toBeLessThan(15_000);
});

test("Reprise watches its own resumption", async () => {
  const env = { ...process.env, REPRISE_DATA_DIR: join(folder, "data") };
  const made = execFileSync(
    "node",
    ["bin/reprise.mjs", "token", "create", "--name", "x", "--scope", "read"],
    { env },
  );
  const token = made.toString().split("\n")[0] ?? "";
  const read = (): { outcome: string; count: number }[] => {
    const query = "metric=handshakes&by=endpoint,outcome&format=rows&from=now-1h";
    const words = ["-s", "--cacert", ca.caFile, "-H", `authorization: Bearer ${token}`];
    const text = execFileSync("curl", [...words, `https://127.0.0.1:${port}/api/series?${query}`], {
      encoding: "utf8",
    });
    const rows: { endpoint: string; outcome: string; count: number }[] = JSON.parse(text);
    return rows.filter(({ endpoint, count }) => endpoint === "reprise-console" && count > 0);
  };
  const resumed = () =>
    read().reduce((sum, { outcome, count }) => sum + (outcome === "resumed" ? count : 0), 0);
  await expect.poll(resumed, { timeout: 40_000, intervals: [2_000] }).toBeGreaterThanOrEqual(3);
  expect(read().some(({ outcome }) => outcome === "full")).toBe(true);
});
