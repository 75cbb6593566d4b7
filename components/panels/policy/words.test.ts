import { expect, it } from "vitest";
import { lengthText, parseLength } from "./words.ts";

it("lengths are read as they are written", () => {
  for (const seconds of [0, 1, 59, 60, 90, 3_600, 5_400, 86_400, 129_600, 604_800])
    expect(parseLength(lengthText(seconds))).toBe(seconds);
  expect(lengthText(604_800)).toBe("7 d");
  expect(lengthText(5_400)).toBe("90 min");
});

it("lengths in other spellings, and what is none", () => {
  expect(parseLength("12h")).toBe(43_200);
  expect(parseLength(" 1.5 h ")).toBe(5_400);
  expect(parseLength("2W")).toBe(1_209_600);
  expect(parseLength("90")).toBe(90);
  for (const text of ["", "h", "-1 h", "1 year", "0.1 s", "1e9"]) expect(parseLength(text)).toBeNull();
});
