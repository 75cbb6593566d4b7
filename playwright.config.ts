import { defineConfig } from "@playwright/test";
import { CHROMIUM } from "./tests/support/chromium.mjs";

export default defineConfig({
  testDir: "tests/e2e",
  workers: 1,
  // As in vitest.config.ts: the second try is named at the end of `npm test`.
  retries: 1,
  // A page of many rows takes axe twenty seconds on a quiet machine.
  timeout: 90_000,
  expect: { timeout: 8_000 },
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [["list"], ["json"]] : [["list"]],
  use: { launchOptions: CHROMIUM, viewport: { width: 1440, height: 900 } },
});
