import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { OPEN_ROUTES, ROUTE_ROLES } from "../support/route-roles.ts";
import { sourceFiles } from "./files.ts";

const METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS";
const files = sourceFiles(["app"]).filter((file) => file.endsWith("/route.ts"));
const pathOf = (file: string): string => file.replace(/^app/, "").replace(/\/route\.ts$/, "");

/** Exports of a route file by method, each with the role that it is guarded by; null: by none. */
function exportsOf(file: string): (readonly [string, string | null])[] {
  const text = readFileSync(file, "utf8");
  const exported = text.matchAll(
    new RegExp(
      `^export (?:async )?(?:const|let|function) (${METHODS})\\b(?: = guarded(?:<.*?>)?\\(\\s*"(\\w+)")?`,
      "gm",
    ),
  );
  return [...exported].map(([, method, role]) => [`${method} ${pathOf(file)}`, role ?? null]);
}

it("every route has its line in the table of roles, and is guarded by that role", () => {
  const guarded = files.flatMap(exportsOf).filter(([name]) => !(name in OPEN_ROUTES));
  expect(Object.fromEntries(guarded)).toEqual(ROUTE_ROLES);
});

it("what is open to anybody is on the list of that, with a reason", () => {
  const open = files.flatMap(exportsOf).flatMap(([name, role]) => (role === null ? [name] : []));
  expect(open.sort()).toEqual(Object.keys(OPEN_ROUTES).sort());
});

it("routes export handlers by name only, so that none escapes the table", () => {
  const other = files.filter((file) =>
    /export (default|\*|\{)|export (?:const|let) \{/.test(readFileSync(file, "utf8")),
  );
  expect(other).toEqual([]);
});

it("nothing in app knows a tenant but through its visitor", () => {
  const naming = sourceFiles(["app", "components"]).filter((file) =>
    readFileSync(file, "utf8").includes("DEFAULT_TENANT"),
  );
  expect(naming).toEqual([]);
});
