import { expect, it } from "vitest";
import { looseObjectOf } from "./loose-json.ts";

it("reads bytes written as \\xNN as UTF-8, and leaves every other escape alone", () => {
  expect(looseObjectOf(String.raw`{"ua":"weird \x22quoted\x22 \x5cagent\x5c \xc3\xa9"}`)).toEqual({
    ua: 'weird "quoted" \\agent\\ é',
  });
  expect(looseObjectOf(String.raw`{"ua":"\\x41 \"\n\v \x07"}`)).toEqual({ ua: '\\x41 "\n\v \u0007' });
  expect(looseObjectOf('{"ua":"plain"}')).toEqual({ ua: "plain" });
});

it("says null for what is no object", () => {
  for (const text of ["", "{", "[]", String.raw`{"ua":"\x2"}`, String.raw`\x22`, String.raw`{"ua":"\q"}`])
    expect(looseObjectOf(text)).toBeNull();
});
