/** Writes the pages that are made from tables in code: docs/configuration.md, docs/metrics.md, docs/sources.md and docs/hygiene.md. */
import { writeFileSync } from "node:fs";
import { METRICS } from "../lib/runtime/metrics.ts";
import { SETTINGS } from "../lib/runtime/settings.ts";
import { hygieneText } from "./hygiene-page.ts";
import { catalogueEntries } from "./make-source-catalogue.ts";
import { sourcesText } from "./sources-page.ts";

const MADE = "<!-- Made by scripts/make-docs.ts; change the table in code instead. -->\n\n";

/** docs/configuration.md, from the settings table. */
export function configurationPage(): string {
  const rows = Object.values(SETTINGS).map(
    ({ variable, fallback, about }) => `| \`${variable}\` | \`${fallback}\` | ${about} |`,
  );
  return `# Configuration\n\n${MADE}Everything is set by environment variables.\n\n| variable | default | meaning |\n|---|---|---|\n${rows.join("\n")}\n`;
}

/** docs/metrics.md, from the collector's metrics table. */
export function metricsPage(): string {
  const rows = Object.values(METRICS).map(
    ({ name, type, labels, help }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ") || "–"} | ${help} |`,
  );
  return `# Metrics of the collector\n\n${MADE}Served for Prometheus at \`/metrics\` on the collector's port, beside the usual process metrics; [alert rules over them](prometheus/README.md).\n\n| name | type | labels | meaning |\n|---|---|---|---|\n${rows.join("\n")}\n`;
}

/** docs/sources.md, from the sources themselves. */
export function sourcesPage(): string {
  return `# Sources\n\n${MADE}${sourcesText(catalogueEntries())}`;
}

/** docs/hygiene.md, from the rules and the table of declarations. */
export function hygienePage(): string {
  return `# Hygiene rules\n\n${MADE}${hygieneText()}`;
}

if (import.meta.main) {
  writeFileSync(new URL("../docs/configuration.md", import.meta.url), configurationPage());
  writeFileSync(new URL("../docs/metrics.md", import.meta.url), metricsPage());
  writeFileSync(new URL("../docs/sources.md", import.meta.url), sourcesPage());
  writeFileSync(new URL("../docs/hygiene.md", import.meta.url), hygienePage());
}
