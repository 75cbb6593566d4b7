import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import { expectAccessible, LOOKS } from "../support/axe.ts";
import { type Known, post, pushKnownHour, type Stack, startStack } from "../support/stack.ts";

// One stack and one story: later tests look at what earlier ones pushed.
test.describe.configure({ mode: "serial" });

let stack: Stack;
let known: Known;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  stack = await startStack();
});
test.afterAll(() => stack.stop());

const tile = (page: Page, id: string) => page.locator(`[data-tile=${id}] [data-value]`);
const percent = (k: number, n: number): string => `${((k / n) * 100).toFixed(1)} %`;
let problems: string[] = [];
test.beforeEach(({ page }) => {
  problems = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.message));
});
test.afterEach(() => expect(problems).toEqual([]));

test("an empty store says how to fill it", async ({ page }) => {
  await page.goto(stack.url);
  await expect(page.locator("[data-status]")).toHaveText(
    "No handshake has arrived yet. Connect a source to begin.",
  );
  await expect(page.getByText("Connect nginx in a minute")).toBeVisible();
  await page.goto(`${stack.url}/incidents`);
  await expect(page.getByText("Nothing is judged yet: no handshake has arrived.")).toBeVisible();
  await expect(page.getByText("judges once it has a day of history")).toBeVisible();
});

test("the overview shows exactly what was pushed, with the first paint", async ({ page }) => {
  known = await pushKnownHour(stack.collectorUrl, Date.now());
  const resumed = known.resumed + 200;
  const html = await (await page.request.get(stack.url)).text();
  expect(html).toContain(percent(resumed, resumed + known.full));
  await page.goto(stack.url);
  await expect(tile(page, "resume_rate")).toHaveText(percent(resumed, resumed + known.full));
  await expect(page.locator("[data-tile=resume_rate] [data-count]")).toHaveText(
    (resumed + known.full).toLocaleString("en-US"),
  );
  // Offers are known of shop.example only: A is taken from there.
  await expect(tile(page, "accept_rate")).toHaveText("100.0 %");
  const row = page.getByRole("row", { name: /shop\.example/ });
  await expect(row).toContainText(percent(known.resumed, known.resumed + known.full));
  await expect(row).toContainText(known.full.toLocaleString("en-US"));
});

test("chart, table and CSV carry the same figures; the tooltip reads them back", async ({ page }) => {
  await page.goto(`${stack.url}/endpoints/shop.example`);
  const panel = page.getByRole("region", { name: "Resume rate by mechanism" });
  const chart = panel.locator(".recharts-surface").first();
  const box = await chart.boundingBox();
  if (!box) throw new Error("no chart");
  // Handshakes were pushed once a minute, so most steps of 20 s are gaps: move on until there is a value.
  let shown = "";
  for (let at = 0.5; !/\d/.test(shown) && at < 0.6; at += 0.005) {
    await page.mouse.move(box.x + box.width * at, box.y + box.height / 2);
    shown = (await panel.locator("[data-series=rate]").textContent()) ?? "";
  }
  expect(shown).toMatch(/^\d\d\.\d %$/);
  await panel.getByRole("button", { name: "Table" }).click();
  await expect(panel.getByRole("row").filter({ hasText: shown }).first()).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    panel.getByRole("button", { name: "CSV" }).click(),
  ]);
  const csv = await readFile(await download.path(), "utf8");
  const counts = csv
    .trim()
    .split("\r\n")
    .slice(1)
    .map((line) => Number(line.split(",").at(-1)));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(known.resumed + known.full);
});

test("range, comparison, filters and zoom are in the URL and survive reload and back", async ({ page }) => {
  await page.goto(stack.url);
  await page.getByRole("button", { name: "6h", exact: true }).click();
  await expect(page).toHaveURL(/range=6h/);
  await page.getByLabel("Compare with").selectOption("week");
  await expect(page).toHaveURL(/compare=week/);
  await page.getByRole("region", { name: "Regions" }).getByRole("button", { name: "eu" }).click();
  await expect(page).toHaveURL(/region=eu/);
  await page.reload();
  await expect(page.getByRole("button", { name: /region: eu/ })).toBeVisible();
  await expect(page.getByRole("button", { name: "6h", exact: true })).toHaveAttribute("aria-pressed", "true");
  await page.goBack();
  await expect(page).not.toHaveURL(/region=eu/);
  const chart = page
    .getByRole("region", { name: "Resume rate by mechanism" })
    .locator(".recharts-surface")
    .first();
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  if (!box) throw new Error("no chart");
  await page.mouse.move(box.x + box.width * 0.5, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 80, { steps: 5 });
  await page.mouse.move(box.x + box.width * 0.8, box.y + 80, { steps: 5 });
  await page.mouse.up();
  await expect(page).toHaveURL(/from=\d+.*to=\d+/);
});

test("news appears without reload", async ({ page }) => {
  await page.goto(`${stack.url}/endpoints/live.example`);
  await expect(page.getByRole("button", { name: "Live" })).toBeVisible();
  await post(`${stack.collectorUrl}/v1/handshakes`, [
    { ts: Date.now(), endpoint: "live.example", outcome: "resumed", count: 41 },
  ]);
  await expect(page.locator("[data-tile=resume_rate] [data-count]")).toHaveText("41");
});

test("a change is recorded by form, and is then on the list, in the lane and on its page", async ({
  page,
}) => {
  await page.goto(`${stack.url}/changes`);
  await page.getByRole("button", { name: "Record a change" }).click();
  await page.getByRole("textbox", { name: "What was done" }).fill("Put edge-2 back into the pool");
  await page.locator("form select[name=kind]").selectOption("load_balancer");
  await page.getByLabel("Node (empty: all)").fill("edge-2");
  await page.getByRole("button", { name: "Record", exact: true }).click();
  await page.getByRole("link", { name: "Put edge-2 back into the pool" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Put edge-2 back into the pool");
  await expect(page.getByText("told by console")).toBeVisible();
  await page.goto(stack.url);
  await expect(page.getByRole("link", { name: /^Change: Put edge-2 back/ })).toBeVisible();
  await page.goto(`${stack.url}/changes/rotation-1`);
  await expect(page.getByText("No measurable effect on the resume rate.")).toBeVisible();
});

test("sources say who sends and what was refused", async ({ page }) => {
  await fetch(`${stack.collectorUrl}/v1/handshakes?node=seed`, {
    method: "POST",
    body: '{"ts":1}\n{"outcome":"x"}',
  });
  await page.goto(`${stack.url}/sources`);
  const row = page.getByRole("row", { name: /Native events seed/ });
  await expect(row).toBeVisible();
  await row.getByRole("button").click();
  await expect(page.getByText("outcome is missing")).toBeVisible();
  await page.getByRole("button", { name: "HAProxy", exact: true }).click();
  await expect(page).toHaveURL(/connect=haproxy/);
  await expect(page.getByText("option log-separate-errors").first()).toBeVisible();
});

test("the palette goes anywhere by keyboard", async ({ page }) => {
  await page.goto(stack.url);
  await page.keyboard.press("Control+k");
  await page.getByRole("searchbox").fill("api.exa");
  await expect(page.getByRole("menuitem", { name: /api\.example/ })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/endpoints\/api\.example/);
});

for (const [colorScheme, width] of LOOKS)
  test(`axe finds nothing on any page, ${colorScheme}, ${width} px`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    for (const path of ["/", "/endpoints/shop.example", "/changes", "/changes/rotation-1", "/sources"]) {
      await page.goto(stack.url + path);
      await page.waitForLoadState("load");
      await page.waitForTimeout(400);
      await expectAccessible(page, path);
    }
    await context.close();
  });
