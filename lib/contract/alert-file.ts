/** The file in which people keep alert rules beside their other configuration; the console exports and imports the same. */
import { z } from "zod";
import { alertRoute } from "../domain/alert-routing.ts";
import { alertRule } from "../domain/alert-rule.ts";

export const alertReceiver = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, "a name of letters, digits, dots and hyphens is expected"),
  /** A notifier: webhook, slack, pagerduty, opsgenie, email, alertmanager. */
  kind: z.string().min(1).max(40),
  /** What the notifier wants; `${NAME}` in a text is taken from the environment, so that no secret stands in the file. */
  settings: z.record(z.string().max(64), z.unknown()).default({}),
});
export type AlertReceiver = z.infer<typeof alertReceiver>;

export const alertFile = z
  .strictObject({
    rules: z.array(alertRule).max(500).default([]),
    receivers: z.array(alertReceiver).max(100).default([]),
    route: alertRoute.optional(),
  })
  .superRefine((file, context) => {
    for (const [list, key] of [
      ["rules", "id"],
      ["receivers", "name"],
    ] as const) {
      const seen = new Set<string>();
      for (const [index, item] of file[list].entries()) {
        const name = (item as unknown as Record<string, string>)[key] ?? "";
        if (seen.has(name))
          context.addIssue({ code: "custom", path: [list, index, key], message: `${name} is there twice` });
        seen.add(name);
      }
    }
  });
export type AlertFile = z.infer<typeof alertFile>;
