import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { sourceFiles } from "./files.ts";

/** Who may import what: by folder, the folders and packages that are allowed beside a file's own folder. */
const MAY: Readonly<Record<string, readonly RegExp[]>> = {
  "lib/domain": [/^zod$/, /^lib\/stats\/robust\.ts$/],
  "lib/stats": [/^lib\/domain\//],
  "lib/detect": [/^lib\/(domain|stats)\//],
  "lib/misuse": [/^lib\/(domain|stats)\//, /^lib\/runtime\/lru\.ts$/],
  "lib/policy": [/^lib\/(domain|stats)\//, /^lib\/detect\/ticket-age\.ts$/, /^zod$/],
  "lib/alerting": [/^lib\/(domain|stats)\//],
  "lib/contract": [/^lib\/domain\//, /^zod$/],
  "lib/runtime": [
    /^lib\/domain\//,
    /^lib\/contract\/alert-file\.ts$/,
    /^node:/,
    /^pino$/,
    /^prom-client$/,
    /^yaml$/,
    /^zod$/,
  ],
  "lib/store": [
    /^lib\/(domain|stats|runtime)\//,
    /^lib\/detect\/types\.ts$/,
    /^lib\/alerting\/(state|thread)\.ts$/,
    /^node:/,
    /^@prisma\//,
    /^better-sqlite3$/,
    /^@clickhouse\/client$/,
    /^better-auth\/adapters\/prisma$/,
  ],
  "lib/people": [/^bowser$/, /^lib\/(domain|runtime|store\/port)/, /^better-auth/, /^node:/],
  "lib/read": [/^lib\/(domain|stats|detect|policy|alerting|contract|store\/port|runtime)/, /^zod$/],
  "lib/client": [/^lib\/(domain|contract)\//, /^@tanstack\/react-query$/, /^nuqs/, /^react$/],
  "components/ui": [/^react/],
  "components/charts": [
    /^components\/ui\//,
    /^lib\/(domain|contract)\//,
    /^lib\/policy\/lab/,
    /^react$/,
    /^recharts$/,
    /^next\/link$/,
  ],
  "components/panels": [
    /^components\//,
    /^lib\/(client|contract|domain|stats)\//,
    /^lib\/policy\/lab/,
    /^react/,
    /^next\//,
    /^nuqs/,
    /^@tanstack\//,
    /^uqr$/,
  ],
  app: [
    /^(app|components|lib)\//,
    /^react$/,
    /^next/,
    /^nuqs/,
    /^@tanstack\//,
    /^zod$/,
    /^node:/,
    /^geist\//,
  ],
  collector: [
    /^lib\/(domain|stats|detect|misuse|policy|alerting|contract|store|runtime|read|people)\//,
    /^node:/,
    /^zod$/,
    /^commander$/,
    /^bowser$/,
    /^isbot$/,
    /^yaml$/,
    /^@bufbuild\/protobuf\/wire$/,
    /^cli-progress$/,
    /^nodemailer$/,
    /^tar-stream$/,
    /^@resvg\/resvg-js$/,
  ],
};

type Import = { readonly file: string; readonly target: string; readonly typeOnly: boolean };

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)";/gms);
  return [...found].map(([, type, name = ""]) => ({
    file,
    typeOnly: type !== undefined,
    target: name.startsWith("@/")
      ? name.slice(2)
      : name.startsWith(".")
        ? normalize(join(dirname(file), name))
        : name,
  }));
}

const all = sourceFiles()
  .filter((file) => !/\.test\.tsx?$/.test(file))
  .flatMap(importsOf);

describe.each(Object.entries(MAY))("%s", (folder, allowed) => {
  it("imports what it may and nothing else", () => {
    const own = all.filter(({ file }) => file.startsWith(`${folder}/`));
    expect(own.length).toBeGreaterThan(0);
    const wrong = own.filter(
      ({ target }) => !target.startsWith(`${folder}/`) && !allowed.some((rule) => rule.test(target)),
    );
    expect(wrong).toEqual([]);
  });
});

it("only components/charts knows Recharts, only lib/store knows Prisma and SQLite, ClickHouse only its folder", () => {
  const users = (rule: RegExp) => [
    ...new Set(
      all.filter(({ target }) => rule.test(target)).map(({ file }) => file.split("/").slice(0, 2).join("/")),
    ),
  ];
  expect(users(/^recharts$/)).toEqual(["components/charts"]);
  expect(users(/prisma|better-sqlite3|store\/generated/)).toEqual(["lib/store"]);
  const clickhouse = all.filter(({ target }) => target.startsWith("@clickhouse/"));
  expect(new Set(clickhouse.map(({ file }) => dirname(file)))).toEqual(new Set(["lib/store/clickhouse"]));
});

it("charts are prepared without React, pages take only types from the contracts", () => {
  const prepare = all.filter(({ file }) => file.startsWith("components/charts/prepare/"));
  expect(prepare.filter(({ target }) => /react|recharts/.test(target))).toEqual([]);
  const browser = all.filter(({ file }) => /^(components|lib\/client)\//.test(file));
  const values = browser.filter(
    ({ target, typeOnly }) => /^lib\/contract\/.*\.ts$/.test(target) && !typeOnly,
  );
  expect(values).toEqual([]);
});

it("pure logic asks for no clock and no environment", () => {
  const pure = sourceFiles().filter((file) =>
    /^(lib\/(domain|stats|detect|misuse|policy|read|contract)|components\/charts\/prepare)\//.test(file),
  );
  const wrong = pure.filter((file) =>
    /Date\.now\(|process\.env|Math\.random\(/.test(readFileSync(file, "utf8")),
  );
  expect(wrong).toEqual([]);
});
