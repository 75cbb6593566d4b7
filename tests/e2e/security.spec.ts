import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import type { FindingsReply } from "../../lib/contract/read-security.ts";
import { expectAccessible, LOOKS } from "../support/axe.ts";
import { attacks, usualHour } from "../support/misuse-traffic.ts";
import { post, type Stack, startStack } from "../support/stack.ts";

// One stack and one story: an attack is found, looked at, acknowledged and closed.
test.describe.configure({ mode: "serial" });

let stack: Stack;
test.beforeAll(async () => {
  test.setTimeout(400_000);
  stack = await startStack();
});
test.afterAll(() => stack?.stop());

const list = async (query = ""): Promise<FindingsReply> =>
  (await (await fetch(`${stack.url}/api/findings?${query}`)).json()) as FindingsReply;
const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
const entry = (page: Page, kind: string) => page.locator(`[data-finding=${kind}]`);

async function send(events: readonly object[]): Promise<void> {
  for (let at = 0; at < events.length; at += 5_000)
    await post(`${stack.collectorUrl}/v1/handshakes?node=edge`, events.slice(at, at + 5_000));
}

test("an empty page says who could tell misuse", async ({ page }) => {
  await page.goto(`${stack.url}/security`);
  await expect(page.getByText("No open finding within the last 7d.")).toBeVisible();
  await expect(page.getByText("No single handshake has arrived yet.")).toBeVisible();
  await expect(page.getByText("No source here tells what clients offered.")).toBeVisible();
  await expectAccessible(page, "/security");
});

test("benign traffic gives no finding; each attack gives one", async () => {
  test.setTimeout(240_000);
  await send(usualHour(Date.now()));
  // Until a step in which shares are judged has ended.
  await new Promise((resolve) => setTimeout(resolve, 70_000));
  expect((await list()).findings.map(({ title }) => title)).toEqual([]);
  await send(attacks(Date.now()));
  await expect
    .poll(async () => (await list()).findings.map(({ kind }) => kind).sort(), { timeout: 120_000 })
    .toEqual(["corrupt_burst", "cross_name", "early_data_replay", "ticket_spread"]);
});

test("findings stand with evidence and first action, the most severe first, in the first paint too", async ({
  page,
}) => {
  expect(await (await page.request.get(`${stack.url}/security`)).text()).toContain("20 networks");
  await page.goto(`${stack.url}/security`);
  const items = page.getByRole("list", { name: "List of findings" }).locator("> li");
  await expect(items).toHaveCount(4);
  await expect(items.first()).toContainText("Critical");
  await expect(items.last()).toContainText("Medium");
  const spread = entry(page, "ticket_spread");
  await expect(spread).toContainText("One ticket came from 20 networks within an hour");
  await expect(spread.getByText("20, from 20 networks")).toBeVisible();
  await expect(spread.getByRole("link", { name: "shop.example" })).toHaveAttribute(
    "href",
    "/endpoints/shop.example",
  );
  await spread.getByRole("link", { name: "Runbook FM-31" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("FM-31");
});

test("the charts tell what the API tells, as pictures, tables and CSV", async ({ page }) => {
  await page.goto(`${stack.url}/security?range=6h`);
  await expect(region(page, "Refused offers by reason").getByText("unknown_key")).toBeVisible();
  await expect(region(page, "Early data (0-RTT)").getByText("Rejected: hello_retry_request")).toBeVisible();
  const alerts = region(page, "TLS alerts");
  await alerts.getByRole("button", { name: "Table" }).click();
  await expect(alerts.getByRole("columnheader", { name: "certificate_unknown" })).toBeVisible();
  const failures = region(page, "Failures with and without an offer");
  await expect(failures.getByText(/^with \d+\.\d % of [\d,]+ \(/)).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    failures.getByRole("button", { name: "CSV" }).click(),
  ]);
  expect(await readFile(await download.path(), "utf8")).toContain("time,With an offer,Without,handshakes");
  const bar = failures.getByRole("link", { name: /^Finding, high: One ticket/ });
  await bar.focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/#ticket_spread-/);
});

test("a finding is acknowledged, closed and opened again; the list narrows in the URL", async ({ page }) => {
  await page.goto(`${stack.url}/security`);
  const cross = entry(page, "cross_name");
  await cross.getByRole("button", { name: /^Acknowledge/ }).click();
  await expect(cross.getByText("Acknowledged")).toBeVisible();
  await cross.getByRole("button", { name: /^Close/ }).click();
  await expect(cross).toHaveCount(0);
  expect((await list("state=closed")).findings.map(({ kind }) => kind)).toEqual(["cross_name"]);
  await page.getByLabel("State").selectOption("closed");
  await expect(page).toHaveURL(/state=closed/);
  await cross.getByRole("button", { name: /^Reopen/ }).click();
  await expect(page.getByText("No finding fits these filters.")).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByLabel("Kind").selectOption("corrupt_burst");
  await expect(page).toHaveURL(/kind=corrupt_burst/);
  await expect(entry(page, "corrupt_burst")).toBeVisible();
  await expect(cross).toHaveCount(0);
  const csv = await page.request.get(`${stack.url}/api/findings?format=csv`);
  expect(await csv.text()).toContain("id,kind,severity,state,endpoint");
});

test("other sites may not act, and unknown findings are said to be unknown", async ({ request }) => {
  const body = { data: { action: "close", actor: null } };
  const foreign = { ...body, headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" } };
  expect((await request.post(`${stack.url}/api/findings/x`, foreign)).status()).toBe(403);
  expect((await request.post(`${stack.url}/api/findings/x`, body)).status()).toBe(404);
  expect((await request.get(`${stack.url}/api/findings?kind=nonsense`)).status()).toBe(400);
});

for (const [theme, width] of LOOKS)
  test(`is accessible and fits, ${theme}, ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: theme });
    await page.addInitScript((name) => localStorage.setItem("reprise-theme", name), theme);
    await page.goto(`${stack.url}/security?range=6h&state=all`);
    await expect(entry(page, "ticket_spread")).toBeVisible();
    await expect(page.locator(".recharts-surface").first()).toBeVisible();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
    await expectAccessible(page, "/security");
    if (process.env.REPRISE_SHOTS)
      await page.screenshot({
        path: `${process.env.REPRISE_SHOTS}/security-${theme}-${width}.png`,
        fullPage: true,
      });
  });
