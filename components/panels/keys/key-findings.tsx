"use client";
import type { FindingView } from "@/lib/contract/read-security.ts";
import { Fold } from "../../ui/fold.tsx";
import { nameOf } from "../../ui/format.ts";
import { Panel } from "../../ui/panel.tsx";
import { ErrorState, Placeholder } from "../../ui/states.tsx";
import { Time } from "../../ui/zone.tsx";
import { useRequest } from "../use-request.ts";
import { type Tone, Verdict } from "./verdict.tsx";

const TONES: Readonly<Record<FindingView["severity"], Tone>> = {
  critical: "bad",
  high: "bad",
  medium: "warn",
  low: "unknown",
};

/** What deserves a look in how keys are handled, with its evidence. */
export function KeyFindings({ params }: { params: Readonly<Record<string, string>> }) {
  const { data, error, refetch } = useRequest("findings", params);
  const open = (data?.findings ?? []).filter(({ state }) => state !== "closed").length;
  return (
    <Panel title="Findings of keys" note={data ? `${open} not closed` : undefined}>
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Placeholder height={60} />
      ) : data.findings.length === 0 ? (
        <p className="text-ink-2">Nothing in this window.</p>
      ) : (
        <ul className="divide-y divide-rule">
          {data.findings.map((finding) => (
            <li key={finding.id}>
              <Fold
                head={
                  <span className="flex flex-wrap gap-x-3">
                    <Verdict tone={TONES[finding.severity]}>{finding.severity}</Verdict>
                    <span>{finding.title}</span>
                    <span className="text-ink-3">
                      {finding.endpoint || finding.node
                        ? `${nameOf(finding.endpoint)}${finding.node ? ` · ${finding.node}` : ""} · `
                        : ""}
                      {finding.state}
                    </span>
                  </span>
                }
              >
                <p className="text-ink-2">
                  First <Time ms={finding.firstMs} />, last <Time ms={finding.lastMs} />, seen {finding.count}{" "}
                  {finding.count === 1 ? "time" : "times"}.
                </p>
                <dl className="mt-1 grid w-fit grid-cols-[auto_auto] gap-x-4">
                  {finding.evidence.map(({ label, value }) => (
                    <div key={label} className="contents">
                      <dt className="text-ink-3">{label}</dt>
                      <dd>{value}</dd>
                    </div>
                  ))}
                </dl>
              </Fold>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
