import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import { expectAccessible } from "../support/axe.ts";
import { ProbeLab, ticketKey } from "../support/probe-lab.ts";
import { hasProgram } from "../support/process.ts";
import { type Stack, startStack } from "../support/stack.ts";

// One stack and one story: a target is added, probed, read, paused and deleted.
test.describe.configure({ mode: "serial" });
test.skip(!hasProgram("nginx"), "nginx is missing");

let stack: Stack;
let lab: ProbeLab;
let nodes: string;
test.beforeAll(async () => {
  test.setTimeout(240_000);
  stack = await startStack();
  lab = await ProbeLab.start();
  await lab.write("a.key", ticketKey());
  const keyed = `ssl_protocols TLSv1.2 TLSv1.3; ssl_session_ticket_key ${lab.path("a.key")};`;
  const lines: string[] = [];
  for (const [name, directives] of [
    ["edge-1", keyed],
    ["edge-2", keyed],
    ["edge-3", "ssl_protocols TLSv1.2 TLSv1.3;"],
  ] as const)
    lines.push(`${name} ${(await lab.nginx(name, directives)).address}`);
  nodes = lines.join("\n");
});
// Ten handshakes a node, and two readings by axe, on a machine that may be busy.
test.beforeEach(() => test.setTimeout(120_000));
test.afterAll(async () => {
  await stack?.stop();
  await lab?.destroy();
});

const region = (page: Page, name: string | RegExp) =>
  page.getByRole("region", { name, exact: typeof name === "string" });

test("says how to give the prober something to do, and refuses what is no address", async ({ page }) => {
  await page.goto(`${stack.url}/probes`);
  await expect(page.getByText("Nothing is probed yet.")).toBeVisible();
  await page.getByRole("button", { name: "Add a target" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Endpoint, as telemetry calls it").fill("shop.example");
  await dialog.getByLabel(/^Nodes/).fill("edge-1 https://10.0.0.1");
  await dialog.getByRole("button", { name: "Add" }).click();
  await expect(dialog.getByRole("alert")).toContainText("host:port is expected");
  await dialog.getByLabel(/^Nodes/).fill(nodes);
  await dialog.getByLabel("Longest for one connection, seconds").fill("20");
  await dialog.getByLabel("Most handshakes a minute").fill("600");
  await dialog.getByRole("button", { name: "Add" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("not probed yet").first()).toBeVisible();
});

test("shows handshakes, keys and the node that does not fit", async ({ page }) => {
  await page.goto(`${stack.url}/probes`);
  const targets = region(page, "Targets of the prober");
  await expect(targets.getByText("edge-3 apart")).toBeVisible({ timeout: 90_000 });
  await expect(targets).toContainText("answers");
  const table = region(page, "Nodes of shop.example").locator("tbody tr");
  await expect(table).toHaveCount(3);
  await expect(table.first()).toContainText(/(µs|ms)/);
  // edge-1 and edge-2 issue under one key, edge-3 under another.
  const keys = await table.evaluateAll((rows) => rows.map((row) => row.querySelector("a")?.textContent));
  expect(keys[0]).toBe(keys[1]);
  expect(keys[2]).not.toBe(keys[0]);
  const agreement = region(page, "Agreement at shop.example: TLS 1.3 PSKs");
  await expect(agreement).toContainText("edge-3 accepts nobody's sessions and nobody accepts its.");
  await expect(page.getByText("its certificate is not trusted").first()).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    region(page, "Nodes of shop.example").getByRole("button", { name: "CSV" }).click(),
  ]);
  const csv = await readFile(await download.path(), "utf8");
  expect(csv.split("\r\n")[0]).toContain("node,address,at,connect_us,full_tls13_us,psk_us");
  expect(csv).toContain("edge-3,127.0.0.1:");
});

test("is accessible, light and dark, and fits a phone", async ({ page }) => {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${stack.url}/probes`);
    await expect(region(page, "Targets of the prober")).toBeVisible();
    await expectAccessible(page, "/probes");
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${stack.url}/probes`);
  await expect(region(page, "Targets of the prober")).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

test("pauses, changes and deletes a target", async ({ page }) => {
  await page.goto(`${stack.url}/probes`);
  const targets = region(page, "Targets of the prober");
  await targets.getByRole("button", { name: "Pause with shop.example" }).click();
  await expect(targets.getByText("paused")).toBeVisible();
  await targets.getByRole("button", { name: "Edit shop.example" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel(/^Nodes/)).toHaveValue(nodes);
  await dialog.getByLabel("Endpoint, as telemetry calls it").fill("store.example");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(targets.getByRole("button", { name: "store.example", exact: true })).toBeVisible();
  await expect(targets.getByText("paused")).toBeVisible();
  await targets.getByRole("button", { name: "Delete store.example" }).click();
  await targets.getByRole("button", { name: "Really delete store.example" }).click();
  await expect(page.getByText("Nothing is probed yet.")).toBeVisible();
});

test("no other site may add a target", async ({ request }) => {
  const response = await request.post(`${stack.url}/api/probes`, {
    headers: { origin: "http://evil.example" },
    data: { endpoint: "x", nodes: [{ name: "a", address: "127.0.0.1:443" }] },
  });
  expect(response.status()).toBe(403);
});
