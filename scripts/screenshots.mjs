/** Pictures of every page, light and dark, wide and narrow: `node scripts/screenshots.mjs FOLDER [BASE-URL] [QUERY]`. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { CHROMIUM } from "../tests/support/chromium.mjs";

const [folder = "data/screenshots", base = "http://127.0.0.1:3000", query = ""] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const changes = await fetch(`${base}/api/changes?from=now-7d`).then((response) => response.json());
const { incidents } = await fetch(`${base}/api/incidents?from=now-7d`).then((response) => response.json());
const pages = {
  overview: `/${query}`,
  endpoint: `/endpoints/shop.example${query}`,
  incidents: "/incidents",
  ...(incidents[0] ? { incident: `/incidents/${incidents[0].id}` } : {}),
  changes: "/changes",
  ...(changes.changes[0] ? { change: `/changes/${changes.changes[0].id}` } : {}),
  keys: "/keys",
  lab: "/keys/lab",
  emergency: "/keys/emergency",
  policy: "/policy",
  rule: "/policy?rule=H02",
  sources: "/sources",
};
const browser = await chromium.launch(CHROMIUM);
for (const colorScheme of ["light", "dark"])
  for (const width of [1440, 390]) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(base + path, { waitUntil: "load" });
      await page.waitForTimeout(1500);
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true });
    }
    await context.close();
  }
await browser.close();
