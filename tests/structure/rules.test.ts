import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openApiDocument } from "../../lib/contract/openapi.ts";
import { METRICS } from "../../lib/runtime/metrics.ts";
import { configurationPage, hygienePage, metricsPage, sourcesPage } from "../../scripts/make-docs.ts";
import { catalogueText } from "../../scripts/make-source-catalogue.ts";
import { sourceFiles } from "./files.ts";

const MAX_LINES = 300;

it(`no file is longer than ${MAX_LINES} lines`, () => {
  const long = sourceFiles().filter((file) => readFileSync(file, "utf8").split("\n").length > MAX_LINES + 1);
  expect(long).toEqual([]);
});

it("product code has no leftovers", () => {
  const words = /\bTODO\b|\bFIXME\b|NODE_ENV === .test|catch \{\}|@ts-ignore|: any\b|as any\b/;
  expect(sourceFiles().filter((file) => words.test(readFileSync(file, "utf8")))).toEqual([]);
});

it("no committed file names a path of one machine or a download address", () => {
  const tracked = execFileSync("git", ["ls-files"], { encoding: "utf8" })
    .split("\n")
    .filter((file) => file && existsSync(file));
  const texts = tracked.filter(
    (file) => !/\.(gz|png|svg)$/.test(file) && file !== "tests/structure/rules.test.ts",
  );
  const wrong = texts.filter((file) =>
    /\/(home|work|Users|root)\/[a-z]+\/|"resolved":/.test(readFileSync(file, "utf8")),
  );
  expect(wrong).toEqual([]);
});

it("generated pages and the source catalogue are up to date", () => {
  expect(readFileSync("docs/configuration.md", "utf8")).toBe(configurationPage());
  expect(readFileSync("docs/metrics.md", "utf8")).toBe(metricsPage());
  expect(readFileSync("docs/sources.md", "utf8")).toBe(sourcesPage());
  expect(readFileSync("docs/hygiene.md", "utf8")).toBe(hygienePage());
  expect(readFileSync("lib/contract/source-catalogue.json", "utf8")).toBe(catalogueText());
  expect(Object.keys(METRICS).length).toBeGreaterThan(5);
});

it("every dependency has its line in docs/dependencies.md", () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    readFileSync("package.json", "utf8"),
  );
  const page = readFileSync("docs/dependencies.md", "utf8");
  const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

it("paths that the docs name exist", () => {
  const pages = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    ...readdirSync("docs/decisions").map((name) => `docs/decisions/${name}`),
  ];
  const missing = pages.flatMap((page) =>
    [
      ...readFileSync(page, "utf8").matchAll(
        /`((?:app|components|lib|collector|tests|scripts|docs|prisma|bench|bin)\/[\w./[\]-]*)`/g,
      ),
    ]
      .map(([, path = ""]) => path)
      .filter((path) => !existsSync(path))
      .map((path) => `${page}: ${path}`),
  );
  expect(missing).toEqual([]);
});

it("every route of the read API is in the OpenAPI document", () => {
  const routes = sourceFiles(["app/api"])
    .filter((file) => file.endsWith("route.ts"))
    .map(
      (file) =>
        `/${file
          .replace(/^app\//, "")
          .replace(/\/route\.ts$/, "")
          .replace(/\[([\w.]+)\]/g, "{$1}")}`,
    );
  const described = [...Object.keys(openApiDocument().paths as object), "/api/openapi.json"];
  expect(routes.sort()).toEqual(described.sort());
});
