import { expect, it } from "vitest";
import { isOwnPath, leadsAway } from "./routes.ts";

it.each(["/", "/incidents/7?range=1h", "/a/b#c", "/%2f%2fevil.example"])(
  "%s is a path of this console",
  (path) => {
    expect(isOwnPath(path)).toBe(true);
  },
);

it.each([
  ...[
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/ /x",
  ],
  ...["javascript:alert(1)", "data:text/html,x", "", "incidents", "/\n/evil.example", "/x\\..\\", null, 7],
])("%s is none", (path) => {
  expect(isOwnPath(path)).toBe(false);
});

it("looks at every address in a body, whatever it is called", () => {
  expect(leadsAway(JSON.stringify({ callbackURL: "/x", errorCallbackURL: "/" }))).toBe(false);
  expect(leadsAway(JSON.stringify({ callbackURL: "/x", newUserCallbackURL: "//evil.example" }))).toBe(true);
  expect(leadsAway(JSON.stringify({ callbackUrl: ["/x"] }))).toBe(true);
  expect(leadsAway("no object")).toBe(false);
});
