import type { PolicyReply } from "@/lib/contract/read-policy.ts";
import { csvLines } from "./csv.ts";

const HEAD = [
  ...["rule", "title", "endpoint", "verdict", "severity", "summary", "evidence", "needs"],
  ...["excepted_until", "exception_reason"],
];

/** Rules by endpoint as CSV: one line a verdict. */
export function policyCsv(reply: PolicyReply): string {
  const exceptions = new Map(reply.exceptions.map((exception) => [exception.id, exception]));
  const lines = reply.rules.flatMap((rule) =>
    rule.verdicts.map(({ endpoint, verdict, severity, summary, evidence, needs, exceptionId }) => {
      const exception = exceptionId === null ? undefined : exceptions.get(exceptionId);
      const figures = evidence.map(({ label, value, nodes }) => {
        const where = nodes?.length ? ` (${nodes.join(" ")})` : "";
        return `${label}: ${value}${where}`;
      });
      return [
        ...[
          rule.id,
          rule.title,
          endpoint,
          verdict,
          severity,
          summary,
          figures.join("; "),
          needs.map(({ text }) => text).join(" "),
        ],
        ...[exception ? new Date(exception.expiresMs).toISOString() : null, exception?.reason ?? null],
      ];
    }),
  );
  return csvLines([HEAD, ...lines]);
}
