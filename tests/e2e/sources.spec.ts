import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, LOOKS } from "../support/axe.ts";
import { post, type Stack, startStack } from "../support/stack.ts";

test.describe.configure({ mode: "serial" });

let stack: Stack;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  stack = await startStack();
});
test.afterAll(() => stack.stop());

const nginxLine = (connection: number, more: object = {}): string =>
  JSON.stringify({
    msec: (Date.now() / 1_000).toFixed(3),
    pid: 7,
    connection,
    connection_requests: 1,
    connection_time: "0.004",
    request_time: "0.001",
    ssl_protocol: "TLSv1.3",
    ssl_cipher: "TLS_AES_256_GCM_SHA384",
    ssl_session_reused: "r",
    ssl_server_name: "shop.example",
    remote_addr: "203.0.113.7",
    ...more,
  });
const pushLines = (lines: readonly string[], node = "edge-1") =>
  fetch(`${stack.collectorUrl}/v1/lines/nginx?node=${node}`, { method: "POST", body: lines.join("\n") });

const connect = (page: Page) => page.getByRole("region", { name: "Connect a source" });

test("a source is connected: product, transport, configuration, and its first handshake arrives on screen", async ({
  page,
}) => {
  await page.goto(`${stack.url}/sources`);
  await expect(page.getByText("Nobody has sent anything yet.")).toBeVisible();
  await connect(page).getByRole("button", { name: "nginx", exact: true }).click();
  await expect(page).toHaveURL(/connect=nginx/);
  await connect(page).getByRole("button", { name: "HTTP", exact: true }).click();
  await expect(page).toHaveURL(/via=http/);
  // The configuration names this collector's real address.
  await expect(connect(page).locator("pre").first()).toContainText(`${stack.collectorUrl}/v1/lines/nginx`);
  await expect(page.locator("[data-arrival]")).toHaveAttribute("data-arrival", "waiting");
  await expect(page.getByText("Waiting for the first event from nginx.")).toBeVisible();
  // A line that cannot be read is told with its reason, without the client's address.
  await pushLines(['{"ssl_session_reused":"r","remote_addr":"203.0.113.7"}']);
  await expect(page.locator("[data-arrival]")).toHaveAttribute("data-arrival", "refused");
  await expect(page.locator("[data-arrival]")).toContainText("msec is missing");
  await expect(page.locator("[data-arrival]")).toContainText("x.x.x.x");
  await pushLines([nginxLine(1)]);
  await expect(page.locator("[data-arrival]")).toHaveAttribute("data-arrival", "received");
  const decoded = page.locator("[data-arrival]");
  for (const text of ["shop.example", "resumed", "psk", "TLSv1.3", "3.00 ms"])
    await expect(decoded).toContainText(text);
  await expect(page.locator("body")).not.toContainText("203.0.113.7");
});

test("a sender opens to what was refused, what it can tell and its newest handshake; that is in the URL", async ({
  page,
}) => {
  await page.goto(`${stack.url}/sources`);
  await page.getByRole("button", { name: /nginx edge-1 HTTP/ }).click();
  await expect(page).toHaveURL(/sender=nginx/);
  await page.reload();
  const senders = page.getByRole("region", { name: "Senders" });
  await expect(senders.getByText("msec is missing")).toBeVisible();
  await expect(senders.getByText("What this source can tell")).toBeVisible();
  await expect(senders.getByText("None broken")).toBeVisible();
  await expect(senders.getByRole("img", { name: /1 accepted in the last hour/ })).toBeVisible();
});

test("telemetry that contradicts itself is a data fault, not an incident", async ({ page }) => {
  await fetch(`${stack.collectorUrl}/v1/handshakes?node=liar`, {
    method: "POST",
    body: JSON.stringify({ ts: Date.now(), outcome: "resumed", protocol: "TLSv1.2", mechanism: "psk" }),
  });
  await page.goto(`${stack.url}/sources`);
  const row = page.getByRole("row", { name: /liar/ });
  await expect(row).toContainText("data fault");
  await row.getByRole("button").click();
  await expect(page.getByText("A PSK resumes TLS 1.3 only", { exact: false })).toBeVisible();
});

test("what no source can tell apart is in no resume rate", async ({ page }) => {
  await post(`${stack.collectorUrl}/v1/handshakes?node=h1`, [
    { ts: Date.now(), endpoint: "hitch.example", outcome: null, count: 50 },
  ]);
  await page.goto(`${stack.url}/endpoints/hitch.example`);
  await expect(page.locator("[data-status]")).toHaveText(
    "50 handshakes were completed, but no source here tells full from resumed.",
  );
});

/** Totals of NGINX Plus as an OpenTelemetry collector would pass them on. */
async function pushTotals(
  node: string,
  atMs: number,
  totals: Readonly<Record<string, number>>,
): Promise<void> {
  const metrics = Object.entries(totals).map(([name, value]) => ({
    name,
    sum: {
      isMonotonic: true,
      aggregationTemporality: 2,
      dataPoints: [{ timeUnixNano: `${atMs}000000`, asInt: String(value) }],
    },
  }));
  const attributes = [{ key: "host.name", value: { stringValue: node } }];
  const response = await fetch(`${stack.collectorUrl}/v1/metrics`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }] }),
  });
  expect(response.status).toBe(200);
}

test("a log and counters of one node are never added up, and a person may choose", async ({ page }) => {
  const nowMs = Date.now();
  // Both begin in one bucket. The log saw 3 of 4 resume on edge-9, its counters 60 of 100.
  const beginMs = Math.floor(nowMs / 10_000) * 10_000 - 120_000;
  const lines = [1, 2, 3, 4].map((n) =>
    nginxLine(100 + n, {
      ssl_session_reused: n === 1 ? "." : "r",
      msec: ((n === 1 ? beginMs : nowMs) / 1_000).toFixed(3),
    }),
  );
  await pushLines(lines, "edge-9");
  const [handshakes, reuses] = ["nginxplus_ssl_handshakes", "nginxplus_ssl_session_reuses"] as const;
  await pushTotals("edge-9", beginMs, { [handshakes]: 100, [reuses]: 50 });
  await pushTotals("edge-9", nowMs, { [handshakes]: 200, [reuses]: 110 });
  const rate = page.locator("[data-tile=resume_rate]");
  await page.goto(`${stack.url}/?node=edge-9`);
  await expect(rate.locator("[data-value]")).toHaveText("75.0 %");
  await expect(rate.locator("[data-count]")).toHaveText("4");
  await page.locator("[data-two-views]").getByRole("link").click();
  const views = page.getByRole("region", { name: "Several views of the same handshakes" });
  await expect(views.getByRole("row", { name: /edge-9 Log nginx 75\.0 % 4/ })).toContainText("used, usual");
  await expect(views.getByRole("row", { name: /edge-9 Counters NGINX Plus API 60\.0 % 100/ })).toBeVisible();
  await views.getByRole("button", { name: "Use counters instead" }).click();
  await expect(views.getByRole("row", { name: /Counters/ })).toContainText("used, chosen");
  await page.goto(`${stack.url}/?node=edge-9`);
  await expect(rate.locator("[data-value]")).toHaveText("60.0 %");
  await expect(rate.locator("[data-count]")).toHaveText("100");
});

for (const [colorScheme, width] of LOOKS)
  test(`axe finds nothing on the page at work, ${colorScheme}, ${width} px`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    for (const query of ["?sender=nginx/http/edge-1&connect=nginx&via=http", "?connect=envoy-stats"]) {
      await page.goto(`${stack.url}/sources${query}`);
      await page.waitForTimeout(400);
      await expectAccessible(page, query);
    }
    await context.close();
  });
