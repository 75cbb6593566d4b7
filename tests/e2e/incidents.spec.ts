import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import type { IncidentReply, IncidentRow, IncidentsReply } from "../../lib/contract/read-incidents.ts";
import { expectAccessible, LOOKS } from "../support/axe.ts";
import { makeIncidentHistory } from "../support/incident-history.ts";
import { type Stack, startStack } from "../support/stack.ts";

// One stack and one story: the incident that the running detector found is taken from opening to end.
test.describe.configure({ mode: "serial" });

let stack: Stack;
let incident: IncidentRow;
test.beforeAll(async () => {
  test.setTimeout(240_000);
  stack = await startStack(await makeIncidentHistory(Date.now()));
  await expect
    .poll(async () => (await list()).length, { timeout: 60_000, message: "the detector's incident" })
    .toBeGreaterThan(0);
  const found = (await list()).find(({ class: kind }) => kind === "page");
  if (!found) throw new Error("nothing pages");
  incident = found;
});
test.afterAll(() => stack?.stop());

async function list(): Promise<IncidentsReply["incidents"]> {
  const reply = (await (await fetch(`${stack.url}/api/incidents`)).json()) as IncidentsReply;
  return reply.incidents;
}
const detail = async (): Promise<IncidentReply> =>
  (await (await fetch(`${stack.url}/api/incidents/${incident.id}`)).json()) as IncidentReply;
const page1 = (): string => `${stack.url}/incidents/${encodeURIComponent(incident.id)}`;
/** Markdown without its escapes. */
const plain = (markdown: string): string => markdown.replaceAll("\\", "");
const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

test("the detector found the node that refuses its peers' tickets", () => {
  expect(incident.scope).toMatchObject({ endpoints: ["shop.example"], nodes: ["edge-3"] });
  expect(incident.state).toBe("open");
});

test("the Overview leads with it, in words, in a tile, in the lane and in the navigation", async ({
  page,
}) => {
  await page.goto(`${stack.url}/?range=6h`);
  const worst = page.locator("[data-worst]");
  await expect(worst).toContainText("edge-3");
  await expect(page.locator("[data-tile=open_incidents] [data-value]")).toHaveText("1");
  await expect(page.getByRole("link", { name: "Incidents 1 open" })).toBeVisible();
  const bar = page.getByRole("link", { name: /^Incident, open: / });
  await expect(bar).toBeVisible();
  const [chart, box] = [
    await region(page, "Resume rate by mechanism").locator(".recharts-surface").first().boundingBox(),
    await bar.boundingBox(),
  ];
  if (!chart || !box) throw new Error("no chart");
  // Forty minutes of six hours, at the right end.
  expect(box.width).toBeGreaterThan(chart.width * 0.06);
  expect(box.x).toBeGreaterThan(chart.x + chart.width * 0.75);
  await bar.focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/incidents/${incident.id}$`));
});

test("an endpoint's page has the same lane, and a healthy one an empty one", async ({ page }) => {
  await page.goto(`${stack.url}/endpoints/shop.example?range=6h`);
  await expect(page.getByRole("link", { name: /^Incident, open: / })).toBeVisible();
  await expect(page.locator("[data-worst]")).toBeVisible();
});

test("the list narrows by state, class and endpoint in the URL", async ({ page }) => {
  await page.goto(`${stack.url}/incidents`);
  const row = page.getByRole("row", { name: /edge-3/ });
  await expect(row).toContainText("Open");
  await expect(row).toContainText(incident.mode.title);
  await page.getByLabel("State").selectOption("resolved");
  await expect(page).toHaveURL(/state=resolved/);
  await expect(page.getByText("No incident fits these filters.")).toBeVisible();
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByLabel("Endpoint").selectOption("shop.example");
  await expect(page).toHaveURL(/endpoint=shop.example/);
  await expect(row).toBeVisible();
});

test("the page tells what the API tells, with the first paint", async ({ page }) => {
  const reply = await detail();
  const html = await (await page.request.get(page1())).text();
  expect(html).toContain("edge-3");
  await page.goto(page1());
  await expect(page.getByRole("heading", { level: 1 })).toContainText("edge-3");
  await expect(page.locator("[data-figure=departure] [data-value]")).toHaveText(
    `${(reply.incident.departure.observed * 100).toFixed(1)} %`,
  );
  await expect(page.locator("[data-figure=lasted]")).toContainText("since");
  await expect(region(page, "What to do")).toContainText(reply.advice.first);
  await expect(region(page, "Which kind")).toContainText(reply.incident.mode.title);
  await expect(region(page, "Why")).toContainText("No recorded change explains this");
  await expect(region(page, "Life")).toContainText("Opened");
});

test("where, since when and of what are drawn from what was measured", async ({ page }) => {
  const reply = await detail();
  await page.goto(page1());
  const where = region(page, "Where");
  await where.getByRole("button", { name: /^node/ }).click();
  await expect(page).toHaveURL(/by=node/);
  const rows = where.getByRole("row");
  await expect(rows.nth(1)).toContainText("edge-3");
  await expect(rows).toHaveCount(5);
  const chart = region(page, "Since when, and how it moves");
  await expect(chart.getByText("onset", { exact: true })).toBeVisible();
  await expect(chart.getByRole("link", { name: /^Change: Rotate the STEK of shop\.example/ })).toBeVisible();
  await chart.getByRole("button", { name: "Table" }).click();
  await expect(chart.getByRole("columnheader", { name: "Expected" })).toBeVisible();
  const { byAcceptance } = reply.decomposition ?? {};
  if (byAcceptance == null) throw new Error("the drop was not taken apart");
  const points = `−${Math.abs(byAcceptance * 100).toFixed(1)} pt`;
  await expect(region(page, "What the drop is made of").getByText(points)).toBeVisible();
});

test("one panel that cannot be read leaves the others", async ({ page }) => {
  await page.route(/\/api\/series\?/, (route) =>
    route.fulfill({ status: 503, json: { error: "out of reach" } }),
  );
  await page.goto(page1());
  const row = region(page, "Where").getByRole("row", { name: /edge-3/ });
  await expect(row).toContainText("not readable", { timeout: 15_000 });
  await expect(row).toContainText("%");
  await expect(region(page, "What to do")).toBeVisible();
});

test("it says who was told, and is silenced with what it is filled in", async ({ page }) => {
  await page.goto(page1());
  await expect(page.getByText("Nobody was told of it.")).toBeVisible();
  await page.getByRole("link", { name: "Silence", exact: true }).click();
  await expect(page.getByRole("dialog").getByRole("textbox", { name: /^Keeps quiet/ })).toHaveValue(
    `incident=${incident.id}`,
  );
});

test("acknowledged, assigned and commented, all of it in the timeline, and the count goes", async ({
  page,
}) => {
  await page.goto(page1());
  await page.getByLabel("Your name").fill("ann");
  await page.getByRole("button", { name: "Acknowledge" }).click();
  await expect(page.getByRole("button", { name: "Withdraw acknowledgement" })).toBeVisible();
  const timeline = page.getByRole("list", { name: "Timeline" });
  await expect(timeline.locator("[data-update=acknowledged]")).toContainText("by ann");
  await expect(page.getByRole("link", { name: "Incidents", exact: true }).first()).toBeVisible();
  await page.getByLabel("Assign to").fill("ben");
  await page.getByRole("button", { name: "Assign", exact: true }).click();
  await expect(timeline.locator("[data-update=assigned]")).toContainText("ben");
  await page.getByLabel("Comment").fill("The sync agent of edge-3 is dead.");
  await page.getByRole("button", { name: "Comment" }).click();
  await expect(timeline.locator("[data-update=comment]")).toContainText("The sync agent of edge-3 is dead.");
  await expect(page.getByLabel("Comment")).toHaveValue("");
  await page.reload();
  await expect(page.getByText("Acknowledged").first()).toBeVisible();
  await expect(region(page, "Life")).toContainText("with ben");
  await expect(page.getByLabel("Your name")).toHaveValue("ann");
});

test("it goes elsewhere as Markdown", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(page1());
  await page.getByRole("button", { name: "Copy as Markdown" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(plain(copied)).toContain("edge-3");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`incident-${incident.id}.md`);
  const saved = await readFile(await download.path(), "utf8");
  expect(plain(saved)).toContain("The sync agent of edge-3 is dead.");
});

test("runbooks are read in the console, and nothing else is", async ({ page }) => {
  await page.goto(`${stack.url}/runbooks/FM-02`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("FM-02");
  await expect(page.getByText("## First action")).toBeVisible();
  for (const id of ["FM-99", "..%2F..%2Fpackage", "FM-02.md"])
    expect((await page.request.get(`${stack.url}/runbooks/${id}`)).status()).toBe(404);
});

test("an unknown incident is said to be one", async ({ page }) => {
  await page.goto(`${stack.url}/incidents/none`);
  await expect(page.getByText("There is no incident with this id.")).toBeVisible();
});

test("the change before it shows where it hurt, and its kind aligned", async ({ page }) => {
  await page.goto(`${stack.url}/changes/rotation-2`);
  const row = region(page, "Effect by scope")
    .first()
    .getByRole("row", { name: /edge-3/ });
  await expect(row).toContainText("yes");
  const aligned = region(page, "Aligned on the last of its kind");
  await expect(aligned).toContainText("2 × key rotation");
  await expect(aligned.getByText("This one")).toBeVisible();
});

for (const [colorScheme, width] of LOOKS)
  test(`axe finds nothing on pages of incidents, ${colorScheme}, ${width} px`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const own = `/incidents/${incident.id}`;
    for (const path of ["/", "/incidents", own, `${own}?by=node`, "/runbooks/FM-02", "/changes/rotation-2"]) {
      await page.goto(stack.url + path);
      await page.waitForTimeout(600);
      await expectAccessible(page, path);
    }
    await context.close();
  });

test("resolved by hand, it leads nothing any more and stays in the list", async ({ page }) => {
  await page.goto(page1());
  await page.getByRole("button", { name: "Resolve by hand" }).click();
  await expect(page.getByRole("button", { name: "Resolve by hand" })).toHaveCount(0);
  await expect(page.locator("[data-figure=lasted]")).toContainText("Lasted");
  await page.goto(`${stack.url}/?range=6h`);
  await expect(page.locator("[data-tile=open_incidents] [data-value]")).toHaveText("0");
  await expect(page.locator("[data-worst]")).toHaveCount(0);
  await expect(page.getByRole("link", { name: /^Incident, resolved: / })).toBeVisible();
  await page.goto(`${stack.url}/incidents?state=resolved`);
  await expect(page.getByRole("row", { name: /edge-3/ })).toContainText("Resolved");
});
