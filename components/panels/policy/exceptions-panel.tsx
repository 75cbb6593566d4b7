"use client";
import { formatAge } from "@/components/ui/format.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { ExceptionView, PolicyReply } from "@/lib/contract/read-policy.ts";
import { Gate } from "../visitor.tsx";
import { usePolicyWrite } from "./use-policy-write.ts";
import { SOON_MS } from "./words.ts";

const STATES: Readonly<Record<ExceptionView["state"], string>> = {
  active: "Active",
  expired: "Expired, counts no more",
  ended: "Ended",
};

/** Every exception: active ones first, then those that count no more. */
export function ExceptionsPanel({ policy }: { policy: PolicyReply }) {
  const write = usePolicyWrite();
  const rank = ({ state }: ExceptionView): number => (state === "active" ? 0 : state === "expired" ? 1 : 2);
  const list = [...policy.exceptions].sort((a, b) => rank(a) - rank(b) || a.expiresMs - b.expiresMs);
  const active = list.filter(({ state }) => state === "active").length;
  return (
    <Panel
      title="Exceptions"
      note={list.length ? `${active} active, ${list.length - active} past` : "None were made"}
    >
      {write.error ? (
        <p role="alert" className="pb-2 text-bad">
          {write.error.message}
        </p>
      ) : null}
      {list.length === 0 ? (
        <p className="text-ink-2">
          A rule that fails for a known reason can be excepted for a while: open it and say why and until
          when.
        </p>
      ) : (
        <section className="relative overflow-x-auto" tabIndex={0} aria-label="List of exceptions">
          <table className="w-full text-left">
            <thead className="text-ink-3">
              <tr>
                {["Rule", "Where", "Reason", "By", "Until", "State"].map((head) => (
                  <th key={head} className="py-1 pr-4 font-normal">
                    {head}
                  </th>
                ))}
                <th className="font-normal">
                  <span className="sr-only">End it</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.map((exception) => (
                <Row
                  key={exception.id}
                  exception={exception}
                  nowMs={policy.nowMs}
                  end={() => write.mutate({ path: `exceptions/${exception.id}`, method: "DELETE" })}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  );
}

type RowProps = { readonly exception: ExceptionView; readonly nowMs: number; readonly end: () => void };

function Row({ exception, nowMs, end }: RowProps) {
  const { rule, endpoint, reason, actor, expiresMs, state } = exception;
  const isActive = state === "active";
  const soon = isActive && expiresMs - nowMs <= SOON_MS;
  return (
    <tr className={`border-t border-rule align-top ${isActive ? "" : "text-ink-3"}`}>
      <td className="py-1 pr-4">{rule}</td>
      <td className="py-1 pr-4">{endpoint ?? "every endpoint"}</td>
      <td className="max-w-120 min-w-48 py-1 pr-4 break-words">{reason}</td>
      <td className="py-1 pr-4">{actor ?? "–"}</td>
      <td className={`py-1 pr-4 whitespace-nowrap ${soon ? "text-warn" : ""}`}>
        <Time ms={expiresMs} />
        {isActive ? ` (${formatAge(nowMs - expiresMs)})` : ""}
      </td>
      <td className="py-1 pr-4 whitespace-nowrap">{STATES[state]}</td>
      <td className="py-1 text-right">
        {isActive ? (
          <Gate need="admin">
            <button
              type="button"
              className="control"
              onClick={end}
              aria-label={`End the exception of ${rule}`}
            >
              End
            </button>
          </Gate>
        ) : null}
      </td>
    </tr>
  );
}
