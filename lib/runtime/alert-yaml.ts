import { stringify } from "yaml";
import { type AlertFile, alertFile } from "../contract/alert-file.ts";
import type { AlertRoute } from "../domain/alert-routing.ts";
import { type AlertRule, lengthText } from "../domain/alert-rule.ts";
import { parseYaml } from "./yaml.ts";

/** Reads rules, receivers and routes. Throws SettingsError with the line of what is wrong; `path` is for messages. */
export function parseAlertFile(text: string, path: string): AlertFile {
  return parseYaml(text, path, alertFile);
}

/** What a rule has where nobody says otherwise; left out of what is written. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  ...{ description: "", enabled: true, scope: {}, by: [], for: 0, keepFiringFor: 0, noData: "ignore" },
  ...{ noDataAfter: 900_000, labels: {}, matchers: [], continue: false, routes: [] },
};
const LENGTHS = new Set([
  ...["for", "keepFiringFor", "noDataAfter", "window", "heardWithin", "most", "least"],
  ...["groupWait", "groupInterval", "repeatInterval"],
]);

/** Rules and routes as a file that reads the same. Receivers are left out: their settings are secret. */
export function printAlertFile(file: {
  readonly rules: readonly AlertRule[];
  readonly route?: AlertRoute | undefined;
}): string {
  return stringify(
    { rules: file.rules.map(written), ...(file.route ? { route: written(file.route) } : {}) },
    { lineWidth: 110 },
  );
}

function written(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(written);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]): [string, unknown][] => {
      if (part === undefined || (key in DEFAULTS && JSON.stringify(part) === JSON.stringify(DEFAULTS[key])))
        return [];
      return [[key, LENGTHS.has(key) && typeof part === "number" ? lengthText(part) : written(part)]];
    }),
  );
}
