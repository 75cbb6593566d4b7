"use client";
import Link from "next/link";
import { formatAge, formatCount } from "@/components/ui/format.ts";
import { Time } from "@/components/ui/zone.tsx";
import type { FindingView } from "@/lib/contract/read-security.ts";
import { FINDING_WORDS } from "@/lib/domain/finding-words.ts";
import { inLength } from "@/lib/domain/words.ts";
import { useActor } from "../use-actor.ts";
import { Gate } from "../visitor.tsx";
import { useFindingAct } from "./use-finding-act.ts";

const TONES = { critical: "bg-bad", high: "bg-bad", medium: "bg-warn", low: "bg-ink-3" } as const;
const STATE_WORDS = { open: "Open", acknowledged: "Acknowledged", closed: "Closed" } as const;

/** One finding: what, where, how sure, what stands behind it, and what to do. */
export function FindingEntry({ finding, nowMs }: { finding: FindingView; nowMs: number }) {
  const { id, severity, state, kind, title } = finding;
  const words = FINDING_WORDS[kind];
  const closed = state === "closed";
  return (
    <li
      id={id}
      data-finding={kind}
      className="scroll-mt-14 border-t border-rule py-2.5 first:border-t-0 target:bg-accent-soft"
    >
      <div className="grid gap-x-6 gap-y-2 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="min-w-0 space-y-1">
          <p className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
            <span className="inline-flex items-center gap-1.5 font-medium whitespace-nowrap">
              <i
                aria-hidden
                className={`size-2.5 shrink-0 ${severity === "critical" ? "" : "rounded-full"} ${TONES[severity]} ${closed ? "opacity-45" : ""}`}
              />
              {severity[0]?.toUpperCase()}
              {severity.slice(1)}
            </span>
            <span className="text-ink-2">{words.label}</span>
            <span className="text-ink-3" data-state={state}>
              {STATE_WORDS[state]}
              {finding.acknowledgedBy ? ` by ${finding.acknowledgedBy}` : ""}
            </span>
          </p>
          <h3 className="font-semibold break-words">{title}</h3>
          <Seen finding={finding} nowMs={nowMs} />
          <p className="max-w-3xl text-ink-2">
            {words.first}{" "}
            {words.runbook ? (
              <Link
                href={`/runbooks/${words.runbook}`}
                className="whitespace-nowrap text-accent underline hover:no-underline"
              >
                Runbook {words.runbook}
              </Link>
            ) : null}
          </p>
          <Actions finding={finding} />
        </div>
        <dl className="grid content-start gap-x-4 gap-y-0.5 grid-cols-[8rem_minmax(0,1fr)] sm:grid-cols-[10rem_minmax(0,1fr)] sm:max-lg:pl-4">
          {finding.evidence.map(({ label, value }) => (
            <div key={label} className="contents">
              <dt className="text-ink-3">{label}</dt>
              <dd className="break-words">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </li>
  );
}

/** Where and when. */
function Seen({ finding, nowMs }: { finding: FindingView; nowMs: number }) {
  const { endpoint, node, firstMs, lastMs, count } = finding;
  return (
    <p className="flex flex-wrap gap-x-3 text-ink-3">
      {endpoint === null ? (
        <span>endpoint not known</span>
      ) : (
        <Link
          href={`/endpoints/${encodeURIComponent(endpoint)}`}
          className="break-all text-accent hover:underline"
        >
          {endpoint}
        </Link>
      )}
      {node === null ? null : (
        <Link href={`/?node=${encodeURIComponent(node)}`} className="break-all text-accent hover:underline">
          {node}
        </Link>
      )}
      <span>
        seen {formatCount(count)}× since <Time ms={firstMs} />
        {lastMs - firstMs >= 60_000 ? `, over ${inLength(lastMs - firstMs)}` : ""}, last{" "}
        {formatAge(Math.max(0, nowMs - lastMs))}
      </span>
    </p>
  );
}

function Actions({ finding: { id, state, title } }: { finding: FindingView }) {
  const act = useFindingAct(id);
  const actor = useActor();
  const does = (action: "acknowledge" | "close" | "reopen"): void =>
    act.mutate({ action, actor: actor.trim() || null });
  const button = (action: "acknowledge" | "close" | "reopen", text: string) => (
    <button
      type="button"
      className="control"
      disabled={act.isPending}
      aria-label={`${text}: ${title}`}
      onClick={() => does(action)}
    >
      {text}
    </button>
  );
  return (
    <Gate need="operator">
      <div className="flex flex-wrap items-center gap-1.5 pt-0.5">
        {state === "open" ? button("acknowledge", "Acknowledge") : null}
        {state === "closed" ? null : button("close", "Close")}
        {state === "open" ? null : button("reopen", "Reopen")}
        {act.error ? (
          <p role="alert" className="text-bad">
            {act.error.message}
          </p>
        ) : null}
      </div>
    </Gate>
  );
}
