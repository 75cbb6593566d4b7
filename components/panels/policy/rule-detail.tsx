"use client";
import Link from "next/link";
import { useEffect, useRef } from "react";
import { Fold } from "@/components/ui/fold.tsx";
import { Panel } from "@/components/ui/panel.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { PolicyReply, RuleVerdict, RuleView } from "@/lib/contract/read-policy.ts";
import { Gate } from "../visitor.tsx";
import { ExceptionForm } from "./exception-form.tsx";
import { LimitsForm } from "./limits-form.tsx";
import { SeverityMark, VerdictMark } from "./verdict-mark.tsx";

type Props = {
  readonly rule: RuleView;
  /** The endpoint that is unfolded. */
  readonly at: string | null;
  readonly policy: PolicyReply;
  readonly close: () => void;
};

const ORDER: readonly RuleVerdict["verdict"][] = ["fail", "unknown", "pass", "not_applicable"];

/** One rule: what it demands and why, how each endpoint stands, how to mend it, its limits and exceptions. */
export function RuleDetail({ rule, at, policy, close }: Props) {
  const verdicts = [...rule.verdicts].sort(
    (a, b) =>
      Number(b.endpoint === at) - Number(a.endpoint === at) ||
      ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict),
  );
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const topPx = top.current?.getBoundingClientRect().top ?? 0;
    if (topPx < 0 || topPx > window.innerHeight) top.current?.scrollIntoView();
  }, []);
  return (
    <div ref={top} className="scroll-mt-14">
      <Panel
        title={`${rule.id} ${rule.title}`}
        note={<SeverityMark severity={rule.severity} />}
        tools={
          <button type="button" className="control" onClick={close}>
            Close
          </button>
        }
      >
        <div className="space-y-4">
          <section aria-label="What it demands">
            <ul className="space-y-1">
              {rule.clauses.map(({ reference, says }) => (
                <li key={reference}>
                  <span className="text-ink-3">{reference}: </span>
                  {says}
                </li>
              ))}
            </ul>
            <p className="pt-1 text-ink-2">{rule.why}</p>
          </section>
          <section aria-label="Verdicts">
            {verdicts.length === 0 ? <p className="text-ink-3">No endpoint is known yet.</p> : null}
            {verdicts.map((verdict, i) => (
              <div key={verdict.endpoint} className="border-t border-rule first:border-t-0">
                <Fold
                  open={verdict.endpoint === at || i === 0}
                  head={
                    <>
                      <VerdictMark of={verdict} text />
                      <span className="min-w-0 truncate font-medium">{verdict.endpoint}</span>
                    </>
                  }
                >
                  <Verdict verdict={verdict} rule={rule} policy={policy} />
                </Fold>
              </div>
            ))}
          </section>
          <section aria-label="How to mend it">
            <h3 className="label">How to mend it</h3>
            <ul className="list-disc space-y-0.5 pl-4">
              {rule.fix.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ul>
          </section>
          <Gate need="admin">
            {rule.limits.length > 0 ? <LimitsForm rule={rule} /> : null}
            <ExceptionForm rule={rule} at={at} policy={policy} />
          </Gate>
        </div>
      </Panel>
    </div>
  );
}

type VerdictProps = { readonly verdict: RuleVerdict; readonly rule: RuleView; readonly policy: PolicyReply };

function Verdict({ verdict, rule, policy }: VerdictProps) {
  const exception = policy.exceptions.find(({ id }) => id === verdict.exceptionId);
  return (
    <div className="space-y-1.5">
      <p>
        {verdict.summary}
        {verdict.severity === rule.severity ? null : (
          <span className="text-ink-3"> Here it is {verdict.severity}.</span>
        )}
      </p>
      {verdict.evidence.length > 0 ? (
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4">
          {verdict.evidence.map(({ label, value, nodes }) => (
            <div key={label + value + (nodes ?? []).join()} className="col-span-2 grid grid-cols-subgrid">
              <dt className="text-ink-3">{label}</dt>
              <dd className="break-words">
                {value}
                {nodes?.length ? <span className="text-ink-2"> ({nodes.join(", ")})</span> : null}
              </dd>
            </div>
          ))}
        </dl>
      ) : null}
      {verdict.needs.length > 0 ? (
        <div>
          <p className="text-ink-3">To know, one of:</p>
          <ul className="list-disc pl-4">
            {verdict.needs.map(({ kind, text }) => (
              <li key={kind}>
                {text}
                {kind === "declare" ? (
                  <>
                    {" "}
                    <Link
                      className="text-accent hover:underline"
                      href={`/policy?${new URLSearchParams({ rule: rule.id, at: verdict.endpoint, declare: verdict.endpoint })}#declarations`}
                    >
                      To the declarations of {verdict.endpoint}
                    </Link>
                  </>
                ) : null}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {exception ? (
        <p className="text-warn">
          Excepted until <Time ms={exception.expiresMs} />: {exception.reason}
        </p>
      ) : null}
    </div>
  );
}
