import { expect, it } from "vitest";
import { familyOf } from "./family.ts";

it.each([
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "chrome",
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Safari/605.1.15",
    "safari",
  ],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "firefox"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Mobile/15E148 Safari/604.1",
    "ios",
  ],
  [
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    "android",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
    "edge",
  ],
  ["curl/7.88.1", "curl"],
  ["Go-http-client/2.0", "go"],
  ["Java/17.0.15", "java"],
  ["python-requests/2.32.5", "python"],
  ["okhttp/4.12.0", "okhttp"],
  ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot"],
  ["kube-probe/1.34", "monitor"],
  ['weird "quoted" \\agent\\ é', "other"],
])("%s is %s", (userAgent, family) => {
  expect(familyOf(userAgent)).toBe(family);
});

it("no user agent is not known", () => {
  expect([familyOf(null), familyOf(""), familyOf("-")]).toEqual([null, null, null]);
});
