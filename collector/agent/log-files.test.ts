import { expect, it } from "vitest";
import { isGenerationOf } from "./log-files.ts";

it("knows the names that rotation gives", () => {
  const yes = [
    "access.log.1",
    "access.log-20261125",
    "access-20261125.log",
    "access.1.log",
    "access.log.2026-11-25T10",
  ];
  const no = ["access.log", "access_ssl.log", "access.log.bak", "other.log.1", "access"];
  expect(yes.filter((name) => !isGenerationOf("/l/access.log", `/l/${name}`))).toEqual([]);
  expect(no.filter((name) => isGenerationOf("/l/access.log", `/l/${name}`))).toEqual([]);
});
