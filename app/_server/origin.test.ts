import { expect, it } from "vitest";
import { isOwnHost } from "./origin.ts";

const own = (host: string, consoleUrl = "") => isOwnHost(new Headers({ host }), consoleUrl);

it.each(["127.0.0.1:3000", "localhost:3000", "[::1]:3000", "127.1.2.3"])("%s is this machine", (host) => {
  expect(own(host)).toBe(true);
});

it.each([
  "evil.example",
  "localhost.evil.example:3000",
  "127.0.0.1.evil.example",
  "evil.example:3000@127.0.0.1",
  "a b",
])("%s is not", (host) => {
  expect(own(host)).toBe(false);
});

it("takes the console's own address", () => {
  expect(own("reprise.example", "https://reprise.example")).toBe(true);
  expect(own("other.example", "https://reprise.example")).toBe(false);
});
