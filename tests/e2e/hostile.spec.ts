import { type BrowserContext, expect, test } from "@playwright/test";
import { SCRIPTS } from "../support/hostile.ts";
import { post, type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
test.beforeAll(async () => {
  stack = await startStack();
  const nowMs = Date.now();
  // Every name that a sender or a person chooses, over an hour, so that charts, lanes and tables have them all.
  await post(
    `${stack.collectorUrl}/v1/handshakes?node=${encodeURIComponent(SCRIPTS[0] ?? "")}`,
    SCRIPTS.flatMap((text, index) => {
      const event = {
        ts: nowMs - (index % 50) * 60_000,
        endpoint: text,
        node: text,
        region: text,
        family: text,
      };
      return ["resumed", "full"].map((outcome) => ({
        ...event,
        protocol: "TLSv1.3",
        outcome,
        count: 20 + index,
      }));
    }),
  );
  await post(
    `${stack.collectorUrl}/v1/changes`,
    SCRIPTS.map((text, index) => ({
      ...{ id: `hostile-${index}`, ts: nowMs - index * 10_000, kind: "deploy", title: text, actor: text },
      ...{ endpoint: text, node: text, detail: text, ref: text },
    })),
  );
  const headers = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
  for (const text of SCRIPTS.slice(0, 20)) {
    const silence = {
      matchers: [{ label: "endpoint", value: text }],
      endsMs: nowMs + 3_600_000,
      author: text,
      reason: text,
    };
    await fetch(`${stack.url}/api/alerts/silences`, {
      method: "POST",
      headers,
      body: JSON.stringify(silence),
    });
    const target = { endpoint: text, nodes: [{ name: "n1", address: "127.0.0.1:9" }], paused: true };
    await fetch(`${stack.url}/api/probes`, { method: "POST", headers, body: JSON.stringify(target) });
  }
});
test.afterAll(() => stack.stop());

const PAGES = [
  ...[
    "/?range=1h",
    "/changes",
    "/changes/hostile-1",
    "/incidents",
    "/keys",
    "/security",
    "/policy",
    "/probes",
  ],
  ...["/sources", "/audit", "/alerts?tab=silences"],
  ...SCRIPTS.slice(0, 3).map((text) => `/endpoints/${encodeURIComponent(text)}?range=1h`),
  `/?range=1h&endpoint=${encodeURIComponent(SCRIPTS[11] ?? "")}`,
  `/alerts?tab=silences&match=${encodeURIComponent(`endpoint=${SCRIPTS[1]}`)}`,
];

async function walk(context: BrowserContext): Promise<void> {
  const page = await context.newPage();
  const foreign: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(stack.url) && !/^(data|blob|about):/.test(request.url()))
      foreign.push(request.url());
  });
  page.on("dialog", (dialog) => void dialog.dismiss());
  for (const path of PAGES) {
    await page.goto(stack.url + path);
    await page.getByRole("heading").first().waitFor();
    await page.mouse.move(600, 400);
    await expect(page).toHaveURL(new RegExp(`^${stack.url}/`));
    expect(await page.evaluate(() => (window as unknown as { ran?: number }).ran ?? 0), path).toBe(0);
  }
  expect(foreign).toEqual([]);
}

for (const bypassCSP of [false, true])
  test(`no name runs anything, ${bypassCSP ? "even without the pages' policy" : "as it is"}`, async ({
    browser,
  }) => {
    test.setTimeout(120_000);
    const context = await browser.newContext({ bypassCSP });
    await walk(context);
    await context.close();
  });
