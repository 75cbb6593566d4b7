import { execFileSync } from "node:child_process";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { expectAccessible, LOOKS } from "../support/axe.ts";
import { pushKnownHour, type Stack, startStack } from "../support/stack.ts";
import { totpAt } from "../support/totp.ts";

// One story, in order: from the first link to people of several tenants.
test.describe.configure({ mode: "serial" });

const PASSWORD = "a long enough password";
let stack: Stack;
let admin: BrowserContext;
let page: Page;

test.beforeAll(async ({ browser }) => {
  stack = await startStack(undefined, { REPRISE_AUTH: "on" });
  await pushKnownHour(stack.collectorUrl, Date.now());
  admin = await browser.newContext();
  page = await admin.newPage();
});
test.afterAll(async () => {
  await admin.close();
  await stack.stop();
});

const linkIn = (text: string): string => /http:\/\/\S+\/welcome#\S+/.exec(text)?.[0] ?? "";

async function join(on: Page, link: string, email: string): Promise<void> {
  await on.goto(link);
  await on.getByLabel("Your name").fill(email.split("@")[0] ?? "");
  await on.getByLabel("E-mail address").fill(email);
  await on.getByLabel("Password, 12 characters or more").fill(PASSWORD);
  await on.getByRole("button", { name: "Go in" }).click();
  await expect(on.getByRole("navigation", { name: "Pages" })).toBeVisible();
}

async function signIn(on: Page, email: string, password = PASSWORD): Promise<void> {
  await on.getByLabel("E-mail address").fill(email);
  await on.getByLabel("Password").fill(password);
  await on.getByRole("button", { name: "Sign in" }).click();
}

test("nothing is shown before somebody is known", async () => {
  const response = await page.goto(`${stack.url}/incidents`);
  expect(await response?.text()).not.toContain("shop.example");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(page.getByRole("navigation")).toHaveCount(0);
  await signIn(page, "ann@shop.example");
  await expect(page.getByRole("alert").filter({ hasText: "Invalid" })).toBeVisible();
  for (const path of ["/api/summary", "/api/events", "/api/openapi.json", "/api/people", "/api/audit"])
    expect((await page.request.get(`${stack.url}${path}`)).status(), path).toBe(401);
});

test("the link that npm start prints makes the first administrator, once", async () => {
  await expect.poll(() => linkIn(stack.output())).not.toBe("");
  const link = linkIn(stack.output());
  await join(page, link, "ann@shop.example");
  await page.goto(`${stack.url}/?range=1h`);
  await expect(page.getByText("shop.example").first()).toBeVisible();
  // The same page again: a fragment alone loads nothing anew.
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "This link does not work" })).toBeVisible();
});

test("an invited operator does what operators do, and sees no more", async ({ browser }) => {
  await page.goto(`${stack.url}/settings/people`);
  await page.getByRole("combobox", { name: /^As/ }).selectOption("operator");
  await page.getByRole("button", { name: "Make an invitation" }).click();
  const link = linkIn((await page.getByTestId("made-link").textContent()) ?? "");
  const other = await browser.newContext();
  const theirs = await other.newPage();
  await join(theirs, link, "oda@shop.example");
  const pages = theirs.getByRole("navigation", { name: "Pages" });
  await expect(pages.getByRole("link", { name: "Changes" })).toBeVisible();
  await expect(pages.getByRole("link", { name: "Audit" })).toHaveCount(0);
  await theirs.goto(`${stack.url}/audit`);
  await expect(theirs.getByText("The audit log is not shown to you")).toBeVisible();
  await theirs.goto(`${stack.url}/changes`);
  await theirs.getByRole("button", { name: "Record a change" }).click();
  await theirs.getByRole("textbox", { name: "What was done" }).fill("Rotated the STEK");
  await expect(theirs.getByRole("textbox", { name: "By", exact: true })).toHaveValue("oda@shop.example");
  await theirs.getByRole("button", { name: "Record", exact: true }).click();
  await expect(theirs.getByText("Rotated the STEK").first()).toBeVisible();
  await theirs.goto(`${stack.url}/alerts?tab=rules`);
  await expect(theirs.getByRole("button", { name: "New rule" })).toHaveCount(0);
  await other.close();
});

test("the administrator sees who did it, gives another role, and signs them out", async ({ browser }) => {
  await page.goto(`${stack.url}/audit`);
  await expect(page.getByText("oda@shop.example").first()).toBeVisible();
  const other = await browser.newContext();
  const theirs = await other.newPage();
  await theirs.goto(stack.url);
  await signIn(theirs, "oda@shop.example");
  await expect(theirs.getByRole("navigation", { name: "Pages" })).toBeVisible();
  await page.goto(`${stack.url}/settings/people`);
  await page.getByLabel("Role of oda@shop.example here").selectOption("viewer");
  await theirs.goto(`${stack.url}/changes`);
  await expect(theirs.getByRole("heading", { name: "Changes", level: 1 })).toBeVisible();
  await expect(theirs.getByRole("button", { name: "Record a change" })).toHaveCount(0);
  await page.getByRole("button", { name: "Sign out oda@shop.example" }).click();
  await expect(page.getByRole("button", { name: "Sign out oda@shop.example" })).toBeDisabled();
  await theirs.reload();
  await expect(theirs.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await other.close();
});

test("a second factor is asked for from the day that it is on", async ({ browser }) => {
  await page.goto(`${stack.url}/account`);
  await page.getByLabel("Your password").fill(PASSWORD);
  await page.getByRole("button", { name: "Switch it on" }).click();
  const secret = (await page.locator("form[aria-label='First code'] p.font-mono").textContent()) ?? "";
  await page.getByLabel("Its code").fill(totpAt(secret, Date.now()));
  await page.getByRole("button", { name: "Switch it on" }).click();
  await expect(page.getByText("They are not shown again")).toBeVisible();
  const [code = ""] = await page.locator("ul.font-mono li").allTextContents();
  const other = await browser.newContext();
  const again = await other.newPage();
  for (const given of [() => totpAt(secret, Date.now()), () => code]) {
    await other.clearCookies();
    await again.goto(stack.url);
    await signIn(again, "ann@shop.example");
    await again.getByLabel("Code of your authenticator").fill("000000");
    await again.getByRole("button", { name: "Go on" }).click();
    await expect(again.getByRole("alert").first()).toBeVisible();
    expect((await other.request.get(`${stack.url}/api/summary`)).status()).toBe(401);
    await again.getByLabel("Code of your authenticator").fill(given());
    await again.getByRole("button", { name: "Go on" }).click();
    await expect(again.getByRole("navigation", { name: "Pages" })).toBeVisible();
  }
  await other.close();
});

test("who has a role in several tenants goes over from one to another", async () => {
  const env = { ...process.env, REPRISE_DATA_DIR: stack.dataDir };
  execFileSync("node", ["bin/reprise.mjs", "tenant", "create", "second"], { env });
  await page.goto(`${stack.url}/?range=1h`);
  await expect(page.getByText("shop.example").first()).toBeVisible();
  await page.getByRole("button", { name: "admin of default" }).click();
  await page.getByRole("menuitemradio", { name: "second" }).click();
  await expect(page.getByRole("button", { name: "admin of second" })).toBeVisible();
  await expect(page.getByText("shop.example")).toHaveCount(0);
  await page.goto(`${stack.url}/changes`);
  await expect(page.getByText("Rotated the STEK")).toHaveCount(0);
});

test("a link from outside goes over to its tenant, and to nobody else's", async ({ browser }) => {
  await page.goto(`${stack.url}/changes?tenant=default&range=1h`);
  await expect(page.getByText("Rotated the STEK").first()).toBeVisible();
  expect(page.url()).toBe(`${stack.url}/changes?range=1h`);
  await page.goto(`${stack.url}/changes?tenant=second`);
  await expect(page.getByRole("button", { name: "admin of second" })).toBeVisible();
  const other = await browser.newContext();
  const theirs = await other.newPage();
  await theirs.goto(`${stack.url}/changes?tenant=second`);
  await signIn(theirs, "oda@shop.example");
  await expect(theirs.getByRole("button", { name: "viewer of default" })).toBeVisible();
  await other.close();
});

test("the installation's own log tells of sign-ins and tenants", async () => {
  await page.goto(`${stack.url}/audit`);
  await expect(page.getByText("signed in").first()).toHaveCount(0);
  await page.getByRole("combobox", { name: "Whose log" }).selectOption("installation");
  await expect(page.getByText("signed in").first()).toBeVisible();
  await expect(page.getByText("made a tenant").first()).toBeVisible();
});

test("a tenant keeps its data for a shorter time than the installation, never longer", async () => {
  await page.goto(`${stack.url}/settings/retention`);
  const history = page.getByRole("spinbutton", { name: "History, days" });
  await history.fill("30");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  await page.reload();
  await expect(history).toHaveValue("30");
  const headers = { "x-reprise-tenant": "second", "content-type": "application/json" };
  const body = JSON.stringify({ historyMs: 500 * 86_400_000, samplesMs: null });
  const refused = await page.evaluate(
    async (init) => (await fetch("/api/retention", { method: "PUT", ...init })).status,
    { headers, body },
  );
  expect(refused).toBe(400);
  await history.fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
});

test("a token is made, shown once, asks what it may, and is revoked", async () => {
  await page.goto(`${stack.url}/settings/tokens`);
  await page.getByRole("button", { name: /of second$/ }).click();
  await page.getByRole("menuitemradio", { name: "default" }).click();
  await expect(page.getByRole("button", { name: "admin of default" })).toBeVisible();
  await page.goto(`${stack.url}/settings/tokens`);
  await page.getByRole("textbox", { name: "What it is for" }).fill("grafana");
  await page.getByRole("combobox", { name: /^It may/ }).selectOption("read");
  await page.getByRole("button", { name: "Make it" }).click();
  const token = (await page.getByTestId("made-token").textContent()) ?? "";
  const ask = async () => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${stack.url}/api/series?metric=handshakes&by=endpoint&format=rows`, {
      headers,
    });
    return { status: response.status, text: await response.text() };
  };
  await expect.poll(async () => (await ask()).status).toBe(200);
  expect((await ask()).text).toContain("shop.example");
  await page.reload();
  await expect(page.getByText(token)).toHaveCount(0);
  await page.getByRole("button", { name: "Revoke grafana" }).click();
  await page.getByRole("button", { name: "Really revoke grafana" }).click();
  await expect(page.getByText(/^revoked/)).toBeVisible();
  await expect.poll(async () => (await ask()).status).toBe(401);
});

for (const [theme, width] of LOOKS)
  test(`axe finds nothing on pages of people, ${theme}, ${width} px`, async ({ browser }) => {
    const looked = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: theme,
      storageState: await admin.storageState(),
    });
    const on = await looked.newPage();
    for (const path of [
      "/account",
      "/settings/people",
      "/settings/tokens",
      "/settings/retention",
      "/audit?of=installation",
      "/welcome#none",
    ]) {
      await on.goto(`${stack.url}${path}`);
      await on.getByRole("heading").nth(1).or(on.getByText("Links work once")).first().waitFor();
      await expectAccessible(on, path);
    }
    await looked.clearCookies();
    await on.goto(stack.url);
    await on.getByRole("heading", { name: "Sign in" }).waitFor();
    await expectAccessible(on, "sign-in");
    await looked.close();
  });

test("sign-out ends the session, and what it opened is closed", async () => {
  await page.goto(`${stack.url}/account`);
  const cookies = await admin.cookies();
  expect(cookies.find(({ name }) => name === "reprise.session_token")).toMatchObject({
    ...{ httpOnly: true, sameSite: "Lax" },
  });
  await page.getByRole("button", { name: "admin of default" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await admin.addCookies(cookies);
  expect((await admin.request.get(`${stack.url}/api/summary`)).status()).toBe(401);
});
