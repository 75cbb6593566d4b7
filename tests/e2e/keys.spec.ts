import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import type { KeysReply } from "../../lib/contract/read-keys.ts";
import type { LabReply } from "../../lib/contract/read-lab.ts";
import { expectAccessible, LOOKS } from "../support/axe.ts";
import { keyNameOf, LIFETIME_S, PERIOD_MS, pushKeyHistory, STALE_NODE } from "../support/key-history.ts";
import { post, type Stack, startStack } from "../support/stack.ts";

// One stack and one story: a week of keys, then one of them is revoked.
test.describe.configure({ mode: "serial" });

let stack: Stack;
test.beforeAll(async () => {
  test.setTimeout(300_000);
  stack = await startStack();
  await pushKeyHistory(stack.collectorUrl, Date.now());
});
test.afterAll(() => stack?.stop());

const SHOP = "endpoint=shop.example";
const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
const ask = async <T>(path: string): Promise<T> => (await (await fetch(`${stack.url}${path}`)).json()) as T;
const keysNow = (): Promise<KeysReply> => ask<KeysReply>(`/api/keys?${SHOP}`);

test("groups tell keys, ages, the next rotation, coverage, exposure and who is behind", async ({ page }) => {
  const reply = await keysNow();
  await page.goto(`${stack.url}/keys?${SHOP}`);
  const groups = region(page, "Who shares keys");
  await expect(groups.locator("[data-exposure]")).toHaveText(reply.exposure.sentence);
  await expect(groups.getByText("4 nodes of")).toBeVisible();
  await expect(groups.getByText("2 at once")).toBeVisible();
  await expect(groups.locator("[data-behind]")).toContainText(STALE_NODE);
  await expect(groups.getByRole("cell", { name: "24 h", exact: true })).toHaveCount(2);
});

test("keys stand by node over time, as bars, as a table and as CSV", async ({ page }) => {
  const reply = await keysNow();
  const [newest] = reply.keys;
  if (!newest) throw new Error("no key");
  await page.goto(`${stack.url}/keys?${SHOP}`);
  const gantt = region(page, "Keys by node");
  const row = gantt.getByRole("button", { name: new RegExp(`^Key ${newest.keyName.slice(0, 8)} at `) });
  await expect(row).toHaveAccessibleName(/edge-1, edge-2, edge-4: current from .* until now/);
  await gantt.getByRole("button", { name: "Each node" }).click();
  await expect(page).toHaveURL(/nodes=true/);
  await expect(row).toHaveCount(3);
  await row.first().click();
  await expect(page).toHaveURL(new RegExp(`key=${newest.keyName}`));
  await expect(region(page, `Key ${newest.keyName.slice(0, 8)}`)).toContainText("Its tickets live for 24 h");
  const [csv] = await Promise.all([
    page.waitForEvent("download"),
    gantt.getByRole("button", { name: "CSV" }).click(),
  ]);
  expect(await readFile(await csv.path(), "utf8")).toContain(`${newest.keyName},`);
  await gantt.getByRole("button", { name: "Table" }).click();
  await expect(gantt.getByRole("columnheader", { name: "Known by" })).toBeVisible();
});

test("agreement is told since the last rotation, or of the whole window, by pair of nodes", async ({
  page,
}) => {
  await page.goto(`${stack.url}/keys?${SHOP}`);
  const agreement = region(page, "Agreement between nodes");
  await expect(agreement.getByText("the last rotation")).toBeVisible();
  await expect(agreement.getByRole("columnheader", { name: STALE_NODE })).toBeVisible();
  await expect(agreement.getByRole("cell", { name: /of edge-1 at edge-3, \d+\.\d %/ })).toBeVisible();
  await agreement.getByRole("button", { name: "Whole window" }).click();
  await expect(page).toHaveURL(/whole=true/);
});

test("rotations are held against what was announced, and lead to the change", async ({ page }) => {
  await page.goto(`${stack.url}/keys`);
  const audit = region(page, "Rotations, seen and announced");
  await expect(audit.getByRole("row").filter({ hasText: "by nobody" })).toHaveCount(1);
  await expect(audit.getByRole("row").filter({ hasText: "no new key was seen" })).toContainText(
    "api.example",
  );
  await expect(audit.getByRole("row").nth(1)).toContainText(STALE_NODE);
  await audit.getByRole("link", { name: /Rotate the ticket keys of shop\.example \(14\)/ }).click();
  await expect(page).toHaveURL(/\/changes\/rotation-14$/);
});

test("the lab knows today's policy, predicts in words, and keeps the choice in the URL", async ({ page }) => {
  const lab = await ask<LabReply>(`/api/policy-lab?${SHOP}`);
  expect(lab.today).toMatchObject({
    lifetimeS: { value: LIFETIME_S, from: "keys" },
    periodS: { value: PERIOD_MS / 1_000 },
    retained: { value: 2 },
  });
  await page.goto(`${stack.url}/keys/lab?${SHOP}`);
  const words = page.getByRole("list", { name: "What the choice means" });
  await expect(words).toContainText("as today's");
  const lifetime = page.getByRole("slider", { name: "Ticket lifetime" });
  await lifetime.focus();
  for (let i = 0; i < 6; i += 1) await page.keyboard.press("ArrowLeft");
  await expect(page).toHaveURL(/lifetime=10800/);
  await expect(words).toContainText("below today's");
  await page.goto(`${stack.url}/keys/lab?${SHOP}&lifetime=604800&period=604800`);
  await expect(words).toContainText("Unknown beyond 24 h");
  await page.getByRole("button", { name: "Back to today" }).click();
  await expect(page).not.toHaveURL(/lifetime=/);
});

test("a revocation is recorded, and proved or disproved by what nodes accept", async ({ page }) => {
  test.setTimeout(120_000);
  const [old] = (await keysNow()).keys.filter(({ state }) => state === "previous");
  if (!old) throw new Error("no previous key");
  await page.goto(`${stack.url}/keys/emergency?${SHOP}`);
  await page.getByLabel("Your name").fill("ann");
  await page.getByRole("combobox", { name: /^Key/ }).selectOption(old.keyName);
  await expect(page).toHaveURL(new RegExp(`key=${old.keyName}`));
  const step = (number: number) => page.locator(`[data-step="${number}"]`);
  await expect(step(1)).toContainText("times as many");
  await expect(step(1)).toContainText("no source tells free CPU");
  await page.getByLabel("Cores free on these nodes").fill("4");
  await expect(step(1)).toHaveAttribute("data-state", "done");
  await expect(step(2)).toContainText("4 of 4 nodes work under another key");
  await step(3).getByRole("button", { name: "Record: revoked" }).click();
  await expect(step(3)).toHaveAttribute("data-state", "done");
  await expect(step(4)).not.toHaveAttribute("data-state", "done");
  await post(`${stack.collectorUrl}/v1/handshakes`, [
    {
      ts: Date.now() + 400,
      endpoint: "shop.example",
      node: STALE_NODE,
      protocol: "TLSv1.3",
      outcome: "resumed",
      offer: "psk",
      mechanism: "psk",
      keyName: keyNameOf("shop-12"),
    },
  ]);
  await expect(step(4)).toHaveAttribute("data-state", "bad", { timeout: 30_000 });
  await expect(step(4).locator(`[data-proof="${STALE_NODE}"]`)).toContainText("still accepted");
  await step(6).getByRole("button", { name: "Record: destroyed" }).click();
  await expect(step(6)).toHaveAttribute("data-state", "done");
  await page.goto(`${stack.url}/keys?${SHOP}`);
  await expect(region(page, "Revoked keys")).toContainText("still accepted");
});

test("runbooks lead to the checklist, and the palette to every page of keys", async ({ page }) => {
  await page.goto(`${stack.url}/runbooks/FM-08`);
  await page.getByRole("link", { name: "Runbook: emergency rotation" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Emergency rotation");
  await page.getByRole("link", { name: "Open the checklist" }).click();
  await expect(page).toHaveURL(/\/keys\/emergency$/);
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").getByRole("searchbox").fill("Policy lab");
  await page.getByRole("menuitem", { name: /^Policy lab/ }).click();
  await expect(page).toHaveURL(/\/keys\/lab$/);
});

test("a window without keys and an unknown endpoint say what would fill them", async ({ page }) => {
  await page.goto(`${stack.url}/keys?endpoint=nowhere.example`);
  await expect(page.getByText("Nothing has told of ticket keys yet.")).toBeVisible();
  await page.goto(`${stack.url}/keys/lab?endpoint=nowhere.example`);
  await expect(page.getByText("No completed handshake in this window.")).toBeVisible();
});

for (const [colorScheme, width] of LOOKS)
  test(`axe finds nothing on pages of keys, ${colorScheme}, ${width} px`, async ({ browser }) => {
    test.setTimeout(120_000);
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const { revocations } = await keysNow();
    const key = revocations[0]?.keyName ?? "";
    for (const path of [
      "/keys",
      `/keys?${SHOP}&nodes=true&key=${key}`,
      `/keys/lab?${SHOP}&lifetime=604800`,
      `/keys/emergency?${SHOP}&key=${key}`,
      "/runbooks/emergency-rotation",
    ]) {
      await page.goto(stack.url + path);
      await page.waitForTimeout(1_000);
      await expectAccessible(page, path);
    }
    await context.close();
  });
