import { expect, test } from "@playwright/test";
import { pushKnownHour, type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
test.beforeAll(async () => {
  stack = await startStack();
  await pushKnownHour(stack.collectorUrl, Date.now());
});
test.afterAll(() => stack.stop());

const PAGES = [
  ...[
    "/",
    "/incidents",
    "/alerts",
    "/alerts?tab=rules",
    "/alerts?tab=receivers",
    "/changes",
    "/changes?record=true",
  ],
  ...[
    "/keys",
    "/keys/lab",
    "/keys/emergency",
    "/security",
    "/policy",
    "/policy?rule=H02&at=shop.example",
    "/probes",
  ],
  ...[
    "/sources",
    "/audit",
    "/settings/people",
    "/settings/tokens",
    "/account",
    "/endpoints/shop.example",
    "/changes/rotation-1",
  ],
  ...["/runbooks/emergency-rotation", "/welcome#none", "/nowhere"],
];

test("no page asks for anything that its policy refuses", async ({ browser }) => {
  test.setTimeout(120_000);
  const context = await browser.newContext();
  await context.addInitScript(() => {
    document.addEventListener(
      "securitypolicyviolation",
      ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
        console.error(`policy: ${violatedDirective} ${blockedURI} ${sourceFile}:${lineNumber}`),
    );
  });
  const page = await context.newPage();
  const refused: string[] = [];
  page.on("console", (message) => {
    if (/policy: |Content Security Policy/.test(message.text()))
      refused.push(`${page.url()} ${message.text()}`);
  });
  for (const path of PAGES) {
    await page.goto(stack.url + path);
    await page.getByRole("heading").first().waitFor();
    // The palette too, once the page listens.
    if (!/record|welcome|nowhere/.test(path))
      await expect(async () => {
        await page.keyboard.press("Control+k");
        await page.getByRole("dialog").waitFor({ timeout: 1_000 });
      }).toPass();
  }
  expect(refused).toEqual([]);
  await context.close();
});

test("pages carry a policy with a new nonce each, and run no script without it", async ({ page }) => {
  const policies = await Promise.all(
    [1, 2].map(async () => (await fetch(stack.url)).headers.get("content-security-policy") ?? ""),
  );
  expect(new Set(policies).size).toBe(2);
  for (const policy of policies) {
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.match(/script-src [^;]*/)?.[0]).not.toContain("unsafe");
  }
  await page.goto(stack.url);
  const ran = await page.evaluate(async () => {
    const marks = window as unknown as { ran?: string };
    const script = document.createElement("div");
    script.innerHTML = '<img src="data:," onerror="window.ran = \'handler\'">';
    document.body.append(script);
    await new Promise((done) => setTimeout(done, 300));
    return marks.ran ?? null;
  });
  expect(ran).toBe(null);
});

test("every answer says how it may be used", async () => {
  for (const path of ["/", "/api/summary?from=now-1h&to=now", "/healthz", "/api/nowhere", "/icon.svg"]) {
    const { headers } = await fetch(stack.url + path);
    expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    expect(headers.get("x-frame-options"), path).toBe("DENY");
    expect(headers.get("referrer-policy"), path).toBe("same-origin");
    expect(headers.get("cross-origin-opener-policy"), path).toBe("same-origin");
    expect(headers.get("permissions-policy"), path).toContain("camera=()");
    expect(headers.get("x-powered-by"), path).toBe(null);
  }
  const { headers } = await fetch(`${stack.url}/api/summary?from=now-1h&to=now`);
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(headers.get("cache-control")).toBe("no-store");
});

test("a link that names a tenant leads to this console, whatever its path looks like", async () => {
  for (const path of [
    "//evil.example/",
    "/%2Fevil.example/",
    "/\\\\evil.example/",
    "/.//evil.example",
    "/changes",
  ]) {
    const response = await fetch(`${stack.url}${path}?tenant=x&next=https://evil.example`, {
      redirect: "manual",
      headers: { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" },
    });
    const to = new URL(response.headers.get("location") ?? "/", stack.url);
    expect([path, to.origin]).toEqual([path, stack.url]);
  }
});
