import { expect, it } from "vitest";
import { browserOf } from "./browser.ts";

it("tells a browser and its system, and anything else as it is", () => {
  const chrome =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
  expect(browserOf(chrome)).toBe("Chrome 141 on Windows");
  expect(browserOf("curl/8.5.0")).toBe("curl/8.5.0");
  expect([browserOf(""), browserOf(null)]).toEqual([null, null]);
});
