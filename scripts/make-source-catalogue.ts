/** Writes what the console and the docs say of each source, from the sources themselves. */
import { writeFileSync } from "node:fs";
import { METRIC_SOURCES } from "../collector/sources/metric-registry.ts";
import { SOURCES } from "../collector/sources/registry.ts";
import type { SourceDescription } from "../collector/sources/source.ts";

/** `log`: reads lines or events, one by one. `counters`: reads totals, and tells of handshakes as increases. */
export type CatalogueEntry = SourceDescription & { readonly kind: "log" | "counters" };

/** Every source as screens and docs show it: those of lines and events first. */
export function catalogueEntries(): readonly CatalogueEntry[] {
  const entry =
    (kind: CatalogueEntry["kind"]) =>
    ({ name, title, system, capabilities, configurations }: SourceDescription): CatalogueEntry => ({
      name,
      title,
      kind,
      system,
      capabilities,
      configurations,
    });
  return [...SOURCES.map(entry("log")), ...METRIC_SOURCES.map(entry("counters"))];
}

/** The catalogue as it has to stand in lib/contract/source-catalogue.json. */
export function catalogueText(): string {
  return `${JSON.stringify(catalogueEntries(), null, 2)}\n`;
}

if (import.meta.main)
  writeFileSync(new URL("../lib/contract/source-catalogue.json", import.meta.url), catalogueText());
