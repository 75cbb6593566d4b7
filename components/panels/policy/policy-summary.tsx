import type { ReactNode } from "react";
import { formatCount, formatPercent } from "@/components/ui/format.ts";
import { Panel } from "@/components/ui/panel.tsx";
import type { PolicyReply } from "@/lib/contract/read-policy.ts";
import { SEVERITIES, type Severity } from "@/lib/domain/findings.ts";
import { SEVERITY_NAMES, SOON_MS } from "./words.ts";

type Show = (filters: { verdict?: "fail" | "unknown" | "pass"; severity?: Severity }) => void;

/** How it stands: the score with its counts, what fails by severity, what is not known, what is excepted. */
export function PolicySummary({ policy, show }: { policy: PolicyReply; show: Show }) {
  const { total, failing, exceptions, nowMs } = policy;
  const active = exceptions.filter(({ state }) => state === "active");
  const soon = active.filter(({ expiresMs }) => expiresMs - nowMs <= SOON_MS);
  const known = total.passed + total.failed;
  const applying = known + total.excepted + total.unknown;
  return (
    <Panel title="How it stands" note={sentenceOf(policy)}>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4 xl:grid-cols-7">
        <Figure
          name="score"
          label="Score"
          value={formatPercent(total.score, 0)}
          // Grey while most is unknown: then the score says little.
          tone={known * 2 < applying ? "text-ink-3" : ""}
        >
          {known > 0
            ? `${formatCount(total.passed)} of ${formatCount(known)} known pass; ${formatCount(applying)} apply`
            : "nothing is known yet"}
        </Figure>
        {SEVERITIES.map((severity) => (
          <Figure
            key={severity}
            name={severity}
            label={`${SEVERITY_NAMES[severity]}, failing`}
            value={formatCount(failing[severity])}
            tone={
              failing[severity] > 0
                ? severity === "critical" || severity === "high"
                  ? "text-bad"
                  : "text-warn"
                : ""
            }
            act={() => show({ verdict: "fail", severity })}
          />
        ))}
        <Figure
          name="unknown"
          label="Unknown"
          value={formatCount(total.unknown)}
          act={() => show({ verdict: "unknown" })}
        >
          never counted as passed
        </Figure>
        <Figure
          name="exceptions"
          label="Exceptions"
          value={formatCount(active.length)}
          tone={soon.length ? "text-warn" : ""}
        >
          {soon.length
            ? `${soon.length} ${soon.length === 1 ? "ends" : "end"} within 7 days`
            : `${total.excepted} verdicts excepted`}
        </Figure>
      </dl>
    </Panel>
  );
}

function sentenceOf({ total, endpoints }: PolicyReply): string {
  if (endpoints.length === 0) return "No endpoint is known yet";
  const where = endpoints.length === 1 ? "one endpoint" : `${endpoints.length} endpoints`;
  if (total.failed === 0 && total.passed === 0) return `Nothing is known of ${where} yet`;
  if (total.failed === 0) return `Nothing that is known fails at ${where}`;
  return `${total.failed} ${total.failed === 1 ? "rule fails" : "failures"} at ${where}`;
}

type FigureProps = {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly tone?: string;
  readonly act?: () => void;
  readonly children?: ReactNode;
};

function Figure({ name, label, value, tone = "", act, children }: FigureProps) {
  return (
    <div data-figure={name}>
      <dt className="text-ink-3">{label}</dt>
      <dd className="text-[1.4rem] leading-tight font-medium">
        {act ? (
          <button
            type="button"
            className={`min-h-[24px] min-w-[24px] text-left hover:underline ${tone}`}
            onClick={act}
          >
            {value}
            <span className="sr-only">, show these</span>
          </button>
        ) : (
          <span className={tone}>{value}</span>
        )}
      </dd>
      {children ? <dd className="text-ink-3">{children}</dd> : null}
    </div>
  );
}
