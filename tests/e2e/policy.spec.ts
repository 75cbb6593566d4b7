import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import type { PolicyReply } from "../../lib/contract/read-policy.ts";
import { expectAccessible, LOOKS } from "../support/axe.ts";
import { post, pushKnownHour, type Stack, startStack } from "../support/stack.ts";

// One stack and one story: what fails is looked at, excepted, given another limit, and declared.
test.describe.configure({ mode: "serial" });

const HOUR = 3_600_000;
let stack: Stack;
test.beforeAll(async () => {
  test.setTimeout(240_000);
  stack = await startStack();
});
test.afterAll(() => stack?.stop());

const policy = async (query = ""): Promise<PolicyReply> =>
  (await (await fetch(`${stack.url}/api/policy${query}`)).json()) as PolicyReply;
const region = (page: Page, name: string | RegExp) =>
  page.getByRole("region", { name, exact: typeof name === "string" });
const row = (page: Page, rule: string) => page.locator(`tr[data-rule=${rule}]`);

test("without any endpoint the rules are listed, and the page says when they are judged", async ({
  page,
}) => {
  await page.goto(`${stack.url}/policy`);
  await expect(page.getByText("Rules are judged for each endpoint as soon as")).toBeVisible();
  await expect(page.locator("tr[data-rule]")).toHaveCount(30);
  await expect(region(page, "How it stands")).toContainText("No endpoint is known yet");
});

test("verdicts come with the first paint, as the API tells them", async ({ page }) => {
  const nowMs = Date.now();
  await pushKnownHour(stack.collectorUrl, nowMs);
  await post(`${stack.collectorUrl}/v1/handshakes?node=seed`, [
    {
      ts: nowMs - HOUR / 2,
      endpoint: "old.example",
      protocol: "TLSv1.1",
      outcome: "full",
      offer: "none",
      count: 9,
    },
  ]);
  const key = { endpoint: "shop.example", action: "issued", count: 40, lifetimeHintS: 7_200 };
  await post(
    `${stack.collectorUrl}/v1/keys`,
    ["edge-1", "edge-2"].flatMap((node) =>
      [90, 70, 50, 30, 10, 0].map((hours) => ({
        ...{ ...key, node, ts: nowMs - hours * HOUR - 60_000 },
        keyName: hours > 60 ? "key-a" : "key-b",
      })),
    ),
  );
  const reply = await policy();
  expect(reply.total.failed).toBeGreaterThan(1);
  const html = await (await page.request.get(`${stack.url}/policy`)).text();
  expect(html).toContain("old.example");
  await page.goto(`${stack.url}/policy`);
  const { passed, failed, score } = reply.total;
  await expect(page.locator("[data-figure=score]")).toContainText(`${((score ?? 0) * 100).toFixed(0)} %`);
  await expect(page.locator("[data-figure=score]")).toContainText(
    `${passed} of ${passed + failed} known pass`,
  );
  await expect(page.locator("[data-figure=unknown]")).toContainText(String(reply.total.unknown));
  await expect(page.getByRole("button", { name: "H27 at old.example: Fails" })).toBeVisible();
  await expect(page.getByRole("button", { name: "H27 at shop.example: Passes" })).toBeVisible();
  await expect(page.getByRole("button", { name: "H12 at shop.example: Unknown" })).toBeVisible();
});

test("filters narrow the table, and stand in the URL", async ({ page }) => {
  await page.goto(`${stack.url}/policy`);
  // The first choice may come before the page listens.
  await expect(async () => {
    await page.getByRole("combobox", { name: "Verdict", exact: true }).selectOption("fail");
    await expect(page).toHaveURL(/verdict=fail/, { timeout: 1_000 });
  }).toPass();
  await expect(row(page, "H12")).toHaveCount(0);
  await page.getByRole("combobox", { name: "Endpoint", exact: true }).selectOption("old.example");
  await expect(page).toHaveURL(/endpoint=old\.example/);
  await expect(page.locator("tr[data-rule]")).toHaveCount(1);
  await page.getByRole("combobox", { name: "Severity", exact: true }).selectOption("critical");
  await expect(page.getByText("No verdict fits these filters.")).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(page.locator("tr[data-rule]")).toHaveCount(30);
  await page.locator("[data-figure=unknown]").getByRole("button").click();
  await expect(page).toHaveURL(/verdict=unknown/);
});

test("what fails and what is unknown is explained: clause, evidence, fix, what to connect", async ({
  page,
}) => {
  await page.goto(`${stack.url}/policy`);
  await page.getByRole("button", { name: "H27 at old.example: Fails" }).click();
  await expect(page).toHaveURL(/rule=H27&at=old\.example/);
  const detail = region(page, /^H27 /);
  await expect(detail).toContainText("RFC 9325 3.1.1");
  await expect(detail).toContainText("100.0 % (9 of 9)");
  await expect(detail).toContainText("ssl_protocols TLSv1.2 TLSv1.3");
  await page.getByRole("button", { name: "H12 at shop.example: Unknown" }).click();
  await expect(region(page, /^H12 /)).toContainText("Add a probe target");
  await page.getByRole("button", { name: "Close" }).click();
  await expect(region(page, /^H12 /)).toHaveCount(0);
});

test("another limit changes the verdict, and can be taken back", async ({ page }) => {
  await page.goto(`${stack.url}/policy?rule=H02&at=shop.example`);
  const mark = page.getByRole("button", { name: /^H02 at shop\.example/ });
  await expect(mark).toHaveAccessibleName("H02 at shop.example: Fails");
  const limits = page.getByRole("form", { name: "Limits" });
  await limits.getByLabel("Longest time that a key encrypts").fill("soon");
  await limits.getByRole("button", { name: "Save limits" }).click();
  await expect(limits.getByRole("alert")).toContainText("a length such as 12 h or 7 d");
  await limits.getByLabel("Longest time that a key encrypts").fill("5 d");
  await limits.getByRole("button", { name: "Save limits" }).click();
  await expect(mark).toHaveAccessibleName("H02 at shop.example: Passes");
  await limits.getByRole("button", { name: "Back to default" }).click();
  await expect(mark).toHaveAccessibleName("H02 at shop.example: Fails");
});

test("an exception with its reason and end takes a failure out of the score", async ({ page }) => {
  const before = await policy();
  await page.goto(`${stack.url}/policy?rule=H27&at=old.example`);
  const detail = region(page, /^H27 /);
  await detail.getByText("Make an exception").click();
  const form = page.getByRole("form", { name: "Exception" });
  await form.getByLabel("Reason").fill("The last terminals go in May.");
  await form.getByLabel("For").selectOption("7");
  await form.getByLabel("Your name").fill("ann");
  await form.getByRole("button", { name: "Except it" }).click();
  await expect(page.getByRole("button", { name: "H27 at old.example: Fails, excepted" })).toBeVisible();
  await expect(detail).toContainText("The last terminals go in May.");
  await expect(page.locator("[data-figure=exceptions]")).toContainText("1 ends within 7 days");
  expect((await policy()).total.failed).toBe(before.total.failed - 1);
  const list = region(page, "Exceptions").first();
  await expect(list.getByRole("row", { name: /H27/ })).toContainText("ann");
  await list.getByRole("button", { name: "End the exception of H27" }).click();
  await expect(list.getByRole("row", { name: /H27/ })).toContainText("Ended");
  await expect(page.getByRole("button", { name: "H27 at old.example: Fails", exact: true })).toBeVisible();
});

test("resumption must be off: any resumption is the violation", async ({ page }) => {
  await page.goto(`${stack.url}/policy?declare=shop.example`);
  const mark = page.getByRole("button", { name: /^H28 at shop\.example/ });
  await expect(mark).toHaveAccessibleName("H28 at shop.example: Does not apply");
  await page.getByRole("switch", { name: /Resumption must be off/ }).click();
  await expect(mark).toHaveAccessibleName("H28 at shop.example: Fails");
  await expect(page.getByRole("button", { name: /^H02 at shop\.example/ })).toHaveAccessibleName(
    "H02 at shop.example: Does not apply",
  );
  await expect(page.getByRole("switch", { name: /Resumption must be off/ })).toBeChecked();
  await page.getByRole("switch", { name: /Resumption must be off/ }).click();
  await expect(mark).toHaveAccessibleName("H28 at shop.example: Does not apply");
});

test("what is declared for all holds for an endpoint until it declares otherwise", async ({ page }) => {
  await page.goto(`${stack.url}/policy`);
  const form = page.getByRole("form", { name: "Declarations" });
  await form.getByLabel("Where keys are kept").selectOption("disk");
  await form.getByLabel("Rotation period").fill("12 h");
  await form.getByRole("button", { name: "Save declarations" }).click();
  await expect(page.getByRole("button", { name: "H11 at shop.example: Fails" })).toBeVisible();
  await page.getByLabel("Declarations of").selectOption("shop.example");
  await expect(page).toHaveURL(/declare=shop\.example/);
  await expect(form.getByLabel("Rotation period")).toHaveAttribute("placeholder", "12 h (for all)");
  await form.getByLabel("Where keys are kept").selectOption("tmpfs");
  await form.getByRole("button", { name: "Save declarations" }).click();
  await expect(page.getByRole("button", { name: "H11 at shop.example: Passes" })).toBeVisible();
  await expect(page.getByRole("button", { name: "H11 at old.example: Fails" })).toBeVisible();
});

test("the table goes elsewhere as CSV, as it is filtered", async ({ page }) => {
  await page.goto(`${stack.url}/policy?verdict=fail&endpoint=old.example`);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("policy.csv");
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
  expect(lines.slice(1).every((line) => line.includes("old.example,fail"))).toBe(true);
  expect(lines.length).toBeGreaterThan(1);
});

test("a store that does not answer is said, with a way to try again", async ({ page }) => {
  await page.route(/\/api\/policy/, (route) =>
    route.fulfill({ status: 503, json: { error: "out of reach" } }),
  );
  await page.goto(`${stack.url}/changes`);
  await page.getByRole("link", { name: "Policy" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Policy" })).toBeVisible();
  await page.unroute(/\/api\/policy/);
});

for (const [colorScheme, width] of LOOKS)
  test(`axe finds nothing on the Policy page, ${colorScheme}, ${width} px`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    for (const path of [
      "/policy",
      "/policy?rule=H02&at=shop.example",
      "/policy?verdict=fail",
      "/policy?declare=old.example",
    ]) {
      await page.goto(stack.url + path);
      await page.waitForTimeout(600);
      await expectAccessible(page, path);
    }
    await context.close();
  });
