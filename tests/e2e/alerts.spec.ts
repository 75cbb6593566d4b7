import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, type Page, test } from "@playwright/test";
import type { AlertsReply } from "../../lib/contract/read-alerts.ts";
import { expectAccessible, LOOKS } from "../support/axe.ts";
import { post, type Stack, startStack } from "../support/stack.ts";

// One stack and one story: a receiver is added and tested, a rule is tried out and made, fires, is told, acknowledged, silenced.
test.describe.configure({ mode: "serial" });

const MINUTE = 60_000;
type Heard = { readonly title: string; readonly reason: string; readonly signature: string };
let stack: Stack;
let hook: Server;
const heard: Heard[] = [];

test.beforeAll(async () => {
  test.setTimeout(240_000);
  hook = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      const { title, reason } = JSON.parse(body) as Heard;
      heard.push({ title, reason, signature: String(request.headers["reprise-signature"]) });
      response.end("{}");
    });
  });
  await new Promise<void>((done) => hook.listen(0, "127.0.0.1", done));
  process.env.REPRISE_ALERT_ALLOW = "127.0.0.1";
  stack = await startStack();
});
test.afterAll(async () => {
  delete process.env.REPRISE_ALERT_ALLOW;
  await stack?.stop();
  hook?.close();
});

const region = (page: Page, name: string | RegExp) =>
  page.getByRole("region", { name, exact: typeof name === "string" });
const alerts = async (): Promise<AlertsReply> =>
  (await (await fetch(`${stack.url}/api/alerts`)).json()) as AlertsReply;
const tab = (page: Page, name: string) =>
  page
    .getByRole("navigation", { name: "Parts of alerting" })
    .getByRole("button", { name: new RegExp(`^${name}`) })
    .click();

/** Offers of so many minutes until now, of which a share is taken. */
const offers = (fromMinute: number, toMinute: number, taken: number) =>
  Array.from(
    { length: toMinute - fromMinute },
    (_, i) => Date.now() - (fromMinute + i) * MINUTE - 1_000,
  ).flatMap((ts) => [
    {
      ts,
      endpoint: "shop.example",
      protocol: "TLSv1.3",
      outcome: "resumed",
      offer: "psk",
      mechanism: "psk",
      count: taken,
    },
    { ts, endpoint: "shop.example", protocol: "TLSv1.3", outcome: "full", offer: "psk", count: 100 - taken },
  ]);

test("says what is on and how to begin", async ({ page }) => {
  await page.goto(`${stack.url}/`);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Alerts" }).click();
  await expect(page.getByText("Nothing fires.")).toBeVisible();
  await expect(page.getByText("There is no receiver yet: alerts are only shown here.")).toBeVisible();
  await tab(page, "Rules");
  await expect(page).toHaveURL(/tab=rules/);
  await expect(page.locator("tr[data-rule=accept-burn]")).toContainText("burns its budget of 10.0 %");
});

test("a receiver is added, tested and routed to", async ({ page }) => {
  await page.goto(`${stack.url}/alerts?tab=receivers`);
  await page.getByRole("button", { name: "Add a receiver" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name, as routes call it").fill("hook");
  await dialog.getByLabel("Address").fill("no address");
  await dialog.getByLabel(/^Signing secret/).fill("s3cret");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("Address");
  await dialog.getByLabel("Address").fill(`http://127.0.0.1:${(hook.address() as AddressInfo).port}/`);
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await expect(dialog).toBeHidden();
  const row = page.locator("tr[data-receiver=hook]");
  await expect(row).toContainText("Signing secret set");
  expect(await page.content()).not.toContain("s3cret");
  await row.getByRole("button", { name: "Send a test to hook" }).click();
  await expect(row.getByText(/taken in \d+ ms/)).toBeVisible({ timeout: 30_000 });
  expect(heard.at(-1)).toMatchObject({
    reason: "test",
    signature: expect.stringMatching(/^t=\d+,v1=[0-9a-f]{64}$/),
  });
  const routes = region(page, "Routes");
  await routes.getByRole("button", { name: "Change" }).click();
  await routes.getByRole("textbox").fill("route:\n  receiver: nobody\n");
  await routes.getByRole("button", { name: "Save routes" }).click();
  await expect(routes.getByRole("alert")).toContainText("the receiver nobody is not there; known: hook");
  await routes.getByRole("textbox").fill("route:\n  receiver: hook\n  groupWait: 0s\n  groupWaits: 1s\n");
  await routes.getByRole("button", { name: "Save routes" }).click();
  await expect(routes.getByRole("alert")).toContainText("routes:2");
  await routes.getByRole("textbox").fill("route:\n  receiver: hook\n  groupWait: 0s\n");
  await routes.getByRole("button", { name: "Save routes" }).click();
  await expect(routes.getByRole("list", { name: "Routing tree" })).toContainText("first at once");
});

test("a rule is tried out over what was, and made", async ({ page }) => {
  test.setTimeout(90_000);
  await post(`${stack.collectorUrl}/v1/handshakes?node=edge-1`, [
    ...offers(130, 180, 95),
    ...offers(90, 130, 30),
    ...offers(10, 90, 95),
  ]);
  await page.goto(`${stack.url}/alerts?tab=rules`);
  await page.getByRole("button", { name: "New rule" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Title").fill("Too little is accepted");
  await expect(dialog.getByLabel("Id", { exact: true })).toHaveValue("too-little-is-accepted");
  await dialog.getByLabel("Over", { exact: true }).fill("soon");
  await expect(dialog.getByText("a length like 90s, 5m, 1h or 7d is expected")).toBeVisible();
  await dialog.getByLabel("Over", { exact: true }).fill("5m");
  await dialog.getByLabel("Has to hold for").fill("");
  await expect(dialog.getByText("Accept rate below 80.0 % over 5m, by endpoint.")).toBeVisible();
  await dialog.getByLabel("Over the last").selectOption("1");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.locator("[data-preview]")).toHaveText("It would have fired once in 24 h.", {
    timeout: 30_000,
  });
  await expect(dialog.getByRole("region", { name: "Firings" }).getByRole("row")).toHaveCount(2);
  await expect(dialog.locator(".recharts-surface").first()).toBeVisible();
  await dialog.getByRole("button", { name: "Make it" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.locator("tr[data-rule=too-little-is-accepted]")).toContainText("own");
});

test("it fires, is told, and somebody has it", async ({ page }) => {
  test.setTimeout(240_000);
  await post(`${stack.collectorUrl}/v1/handshakes?node=edge-1`, offers(0, 8, 20));
  await page.goto(`${stack.url}/alerts`);
  const row = page.locator("tr[data-alert=too-little-is-accepted]");
  await expect(row.getByText(/Fires/).first()).toBeVisible({ timeout: 120_000 });
  await expect(row).toContainText("shop.example");
  await expect(row).toContainText("hook", { timeout: 60_000 });
  await expect
    .poll(() => heard.filter(({ reason }) => reason === "first").length, { timeout: 60_000 })
    .toBe(1);
  expect(heard.at(-1)?.title).toContain("Too little is accepted (shop.example)");
  await row.getByRole("button", { name: /^Acknowledge/ }).click();
  await expect(row.getByText("acknowledged")).toBeVisible();
  await tab(page, "Deliveries");
  const log = region(page, "Delivery log");
  await expect(log.getByText("sent after").first()).toBeVisible();
  await expect(log.getByRole("row")).toHaveCount(3);
});

test("it is silenced, prefilled with what it is", async ({ page }) => {
  await page.goto(`${stack.url}/alerts`);
  const row = page.locator("tr[data-alert=too-little-is-accepted]");
  await row.getByRole("link", { name: /^Silence/ }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox", { name: /^Keeps quiet/ })).toHaveValue(
    "rule=too-little-is-accepted\nendpoint=shop.example",
  );
  await dialog.getByLabel("Reason").fill("we know");
  await dialog.getByLabel("Your name").fill("ann");
  await dialog.getByRole("button", { name: "Silence", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(region(page, "List of silences")).toContainText("1 alert");
  expect((await alerts()).silences).toMatchObject([{ author: "ann", reason: "we know", state: "active" }]);
  await tab(page, "Firing");
  await expect(row).toContainText("silenced until");
  await tab(page, "Silences");
  await region(page, "List of silences").getByRole("button", { name: /^End/ }).click();
  await expect(region(page, "List of silences")).toContainText("(ended)");
});

test("is accessible, light and dark, and fits a phone", async ({ page }) => {
  test.setTimeout(600_000);
  const places = [
    ...["", "?tab=rules", "?tab=silences", "?tab=receivers", "?tab=deliveries"],
    ...[
      "?tab=rules&rule=too-little-is-accepted",
      "?tab=silences&match=endpoint%3Dx",
      "?tab=receivers&add=true",
    ],
  ];
  for (const [colorScheme, width] of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    for (const place of places) {
      await page.goto(`${stack.url}/alerts${place}`);
      await expect(
        place.includes("=x") || place.includes("add") || place.includes("rule=")
          ? page.getByRole("dialog")
          : page.getByRole("heading", { level: 2 }).first(),
      ).toBeVisible();
      await expectAccessible(page, place);
    }
  }
});

test("no other site changes alerting", async ({ request }) => {
  const response = await request.post(`${stack.url}/api/alerts/silences`, {
    headers: { origin: "http://evil.example" },
    data: { matchers: [{ label: "severity", value: "page" }], endsMs: Date.now() + MINUTE, reason: "evil" },
  });
  expect(response.status()).toBe(403);
});
