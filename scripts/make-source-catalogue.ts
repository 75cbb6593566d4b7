/** Writes what the console and the docs say of each source, from the sources themselves. */
import { writeFileSync } from "node:fs";
import { SOURCES } from "../collector/sources/registry.ts";

/** The catalogue as it has to stand in lib/contract/source-catalogue.json. */
export function catalogueText(): string {
  const list = SOURCES.map(({ name, title, capabilities, configurations }) => ({
    name,
    title,
    capabilities,
    configurations,
  }));
  return `${JSON.stringify(list, null, 2)}\n`;
}

if (import.meta.main)
  writeFileSync(new URL("../lib/contract/source-catalogue.json", import.meta.url), catalogueText());
