import type { RuleVerdict } from "@/lib/contract/read-policy.ts";
import type { Severity } from "@/lib/domain/findings.ts";
import { SEVERITY_NAMES, VERDICT_WORDS } from "./words.ts";

type Shape = { readonly path: string; readonly tone: string };
const SHAPES: Readonly<Record<RuleVerdict["verdict"], Shape>> = {
  pass: { path: "M3.5 8.5l3 3 6-7", tone: "text-good" },
  fail: { path: "M4 4l8 8M12 4l-8 8", tone: "text-bad" },
  unknown: { path: "M5.4 5.7a2.6 2.6 0 1 1 4 2.2C8.5 8.5 8 9 8 10M8 11.9v1.6", tone: "text-ink-3" },
  not_applicable: { path: "M5 8h6", tone: "text-ink-3" },
};

type Of = Pick<RuleVerdict, "verdict" | "exceptionId">;

/** What a verdict is called; one under an exception says so. */
export function verdictText({ verdict, exceptionId }: Of): string {
  return exceptionId === null ? VERDICT_WORDS[verdict] : "Fails, excepted";
}

/** A verdict by shape and colour; `text` says it in words too. */
export function VerdictMark({ of, text = false }: { of: Of; text?: boolean }) {
  const { path, tone } = SHAPES[of.verdict];
  const excepted = of.exceptionId !== null;
  return (
    <span
      className={`inline-flex items-center gap-1.5 self-center whitespace-nowrap ${excepted ? "text-warn" : tone}`}
      data-verdict={excepted ? "excepted" : of.verdict}
    >
      <svg viewBox="0 0 16 16" className="size-4 shrink-0" aria-hidden="true">
        {excepted ? (
          <circle
            cx="8"
            cy="8"
            r="7"
            fill="none"
            stroke="currentColor"
            strokeWidth="1"
            strokeDasharray="2 2"
          />
        ) : null}
        <path d={path} fill="none" stroke="currentColor" strokeWidth={of.verdict === "fail" ? 2 : 1.6} />
      </svg>
      <span className={text ? "" : "sr-only"}>{verdictText(of)}</span>
    </span>
  );
}

const LEVELS: Readonly<Record<Severity, number>> = { critical: 4, high: 3, medium: 2, low: 1 };

/** A severity in a word, with as many bars as it is heavy. */
export function SeverityMark({ severity }: { severity: Severity }) {
  const level = LEVELS[severity];
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-ink-2">
      <svg viewBox="0 0 14 10" className="h-2.5 w-3.5 shrink-0" aria-hidden="true">
        {[1, 2, 3, 4].map((bar) => (
          <rect
            key={bar}
            x={(bar - 1) * 3.5}
            y={8 - bar * 2}
            width="2.5"
            height={2 + bar * 2}
            fill={bar <= level ? "currentColor" : "var(--rule-strong)"}
            opacity={bar <= level ? 1 : 0.5}
          />
        ))}
      </svg>
      {SEVERITY_NAMES[severity]}
    </span>
  );
}
