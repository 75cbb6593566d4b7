/** docs/hygiene.md, from the rules themselves and the table of declarations. */
import { INTENT_FIELDS, type IntentField } from "../lib/domain/intent.ts";
import { RULES } from "../lib/policy/registry.ts";
import type { Limit, Rule } from "../lib/policy/rule.ts";

const UNITS: Readonly<Record<Limit["unit"], string>> = { s: " s", bits: " bits", count: "", ratio: "" };

function ruleText(rule: Rule): string {
  const limits = Object.entries(rule.limits).map(
    ([name, { label, unit, fallback, min, max }]) =>
      `| \`${name}\` | ${label} | ${fallback}${UNITS[unit]} | ${min} to ${max}${UNITS[unit]} |`,
  );
  return [
    `## ${rule.id} ${rule.title}`,
    `Severity: ${rule.severity}.${rule.holdsWithoutResumption ? " Holds where resumption must be off, too." : ""}`,
    rule.clauses.map(({ reference, says }) => `- ${reference}: ${says}`).join("\n"),
    `**Why.** ${rule.why}`,
    `**How to mend it.**\n\n${rule.fix.map((step) => `- ${step}`).join("\n")}`,
    ...(limits.length
      ? [`| limit | meaning | default | range |\n|---|---|---|---|\n${limits.join("\n")}`]
      : []),
  ].join("\n\n");
}

function valuesOf(field: IntentField): string {
  switch (field.kind) {
    case "flag":
      return "true, false";
    case "choice":
      return field.options.map((option) => `\`${option}\``).join(", ");
    case "text":
      return "text";
    default:
      return `${field.min} to ${field.max}${field.kind === "seconds" ? " s" : ""}`;
  }
}

/** The text below the heading. */
export function hygieneText(): string {
  const overview = RULES.map(({ id, title, severity }) => `| ${id} | ${title} | ${severity} |`);
  const fields = Object.entries<IntentField>(INTENT_FIELDS).map(
    ([name, field]) => `| \`${name}\` | ${field.label} | ${valuesOf(field)} | ${field.about} |`,
  );
  return `${[
    "Every rule is judged at every endpoint, from what telemetry, keys, the prober, findings and declarations tell. A rule of which nothing is known is unknown, never passed: the Policy page says what to connect. The score is passed / (passed + failed). Limits can be changed for all endpoints, and a rule can be excepted at an endpoint until a day; exceptions that have expired count no more and stay on record.",
    "RFC 9846 replaces RFC 8446 and RFC 5077; clauses name both.",
    `| rule | what it demands | severity |\n|---|---|---|\n${overview.join("\n")}`,
    ...RULES.map(ruleText),
    `## Declarations\n\nWhat no telemetry tells is declared on the Policy page or by \`PUT /api/policy/intents\`, for all endpoints or for one; what is said of one endpoint comes first. Where telemetry tells the same, telemetry decides, except that a declaration which breaks a rule by itself fails it.\n\n| name | label | values | meaning |\n|---|---|---|---|\n${fields.join("\n")}`,
  ].join("\n\n")}\n`;
}
