import { expect, test } from "@playwright/test";
import { type ClickhouseServer, startClickhouse } from "../support/clickhouse.ts";
import { type Known, pushKnownHour, type Stack, startStack } from "../support/stack.ts";

// One stack and one story.
test.describe.configure({ mode: "serial" });

const WEEK = "from=now-7d&to=now";
let server: ClickhouseServer;
let stack: Stack;
let known: Known;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  server = await startClickhouse();
  stack = await startStack(undefined, { REPRISE_STORE_URL: server.url("console") });
  // Long enough ago that all of it is ready to be summed.
  known = await pushKnownHour(stack.collectorUrl, Date.now() - 180_000);
});
test.afterAll(async () => {
  await stack.stop();
  await server.destroy();
});

test("minutes and hours come from ClickHouse, and are what was pushed", async ({ page }) => {
  const summed = () => server.ask("SELECT sum(count) FROM console.hours WHERE tier = 7").then(Number);
  const pushed = known.resumed + known.full + 200;
  await expect.poll(summed, { timeout: 40_000 }).toBe(pushed);
  await page.goto(`${stack.url}/?${WEEK}`);
  const count = page.locator("[data-tile=resume_rate] [data-count]");
  await expect(count).toHaveText(pushed.toLocaleString("en-US"));
  await expect(page.getByRole("row", { name: /shop\.example/ })).toBeVisible();
});

test("while it is away the page says so, and goes on once it is back", async ({ page }) => {
  await server.kill();
  await page.goto(`${stack.url}/?${WEEK}`);
  const again = page.getByRole("button", { name: "Try again" }).first();
  await expect(again).toBeVisible({ timeout: 20_000 });
  await expect(page.locator("body")).not.toContainText("secret");
  await page.screenshot({ path: test.info().outputPath("away.png"), fullPage: true });
  await server.start();
  const row = page.getByRole("row", { name: /shop\.example/ });
  // The page may find out by itself, and then there is no button any more.
  await expect(async () => {
    if (await again.isVisible()) await again.click({ timeout: 1_000 });
    await expect(row).toBeVisible({ timeout: 3_000 });
  }).toPass({ timeout: 40_000 });
});
