"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ChartFrame } from "@/components/charts/chart-frame.tsx";
import { labelsText, previewModel } from "@/components/charts/prepare/preview.ts";
import { TimeChart } from "@/components/charts/time-chart.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { PreviewReply } from "@/lib/contract/read-alerts.ts";
import type { AlertRule } from "@/lib/domain/alert-rule.ts";
import { inLength, inPercent, inWhole } from "@/lib/domain/words.ts";
import { useMay } from "../visitor.tsx";
import { callAlerts } from "./use-alert-write.ts";

const SPANS = { "1": "1 day", "7": "7 days", "30": "30 days" } as const;
const MOST_LISTED = 20;

/** What the rule would have done: nothing is kept, nobody is told. */
export function PreviewPanel({ rule }: { rule: AlertRule | null }) {
  const may = useMay("operator");
  const [days, setDays] = useState("7");
  const run = useMutation({
    mutationFn: (body: { rule: AlertRule; days: number }) =>
      callAlerts<PreviewReply>({ path: "preview", method: "POST", body }),
  });
  const stale = run.variables !== undefined && JSON.stringify(run.variables.rule) !== JSON.stringify(rule);
  if (!may) return null;
  return (
    <section aria-label="Preview" className="space-y-2 border-t border-rule pt-2">
      <div className="flex flex-wrap items-center gap-1.5">
        <label className="control">
          <span className="text-ink-3">Over the last</span>
          <select className="bg-transparent" value={days} onChange={(event) => setDays(event.target.value)}>
            {Object.entries(SPANS).map(([span, words]) => (
              <option key={span} value={span}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          className="control"
          disabled={rule === null || run.isPending}
          onClick={() => rule && run.mutate({ rule, days: Number(days) })}
        >
          {run.isPending ? "Evaluating …" : "Preview"}
        </button>
        {run.data && stale ? <span className="text-warn">The rule was changed since.</span> : null}
      </div>
      <Problem error={run.error} />
      {run.data ? <Result reply={run.data} /> : null}
    </section>
  );
}

function Result({ reply }: { reply: PreviewReply }) {
  const { fired, firings, fromMs, toMs, askedFromMs, stepMs, evaluations, withoutData, alerts } = reply;
  const spans = firings.map(({ fromMs: at, toMs: end }) => ({ fromMs: at, toMs: end ?? toMs }));
  const sentence = `It would have fired ${fired === 0 ? "never" : fired === 1 ? "once" : `${inWhole(fired)} times`} in ${inLength(toMs - fromMs)}.`;
  return (
    <div className="space-y-2" aria-live="polite">
      <p>
        <b className="font-semibold" data-preview={fired}>
          {sentence}
        </b>{" "}
        <span className="text-ink-3">
          Evaluated every {inLength(stepMs)}
          {stepMs > 60_000 ? ", where the collector does so every minute: what is shorter may not show" : ""}
          {alerts > 1 ? `; ${inWhole(alerts)} alerts` : ""}
          {evaluations > 0 && withoutData > 0
            ? `; without data ${inPercent(withoutData / evaluations)} of the time`
            : ""}
          .{reply.hoursBeforeMs === null ? "" : " Before "}
          {reply.hoursBeforeMs === null ? null : <Time ms={reply.hoursBeforeMs} />}
          {reply.hoursBeforeMs === null
            ? ""
            : " only hours are kept: shorter windows are averages of their hour there."}
          {fromMs > askedFromMs ? " Further back it would have taken too long." : ""}
        </span>
      </p>
      {alerts === 0 || withoutData === evaluations ? (
        <p className="text-ink-2">Nothing was measured in this time, so there is nothing to draw.</p>
      ) : reply.unit === "open" ? null : (
        <ChartFrame title="Preview" model={previewModel(reply)} description={sentence}>
          <TimeChart model={previewModel(reply)} height={200} bad={mergedSpans(spans)} />
        </ChartFrame>
      )}
      {firings.length > 0 ? (
        <section className="relative max-h-52 overflow-auto" tabIndex={0} aria-label="Firings">
          <table className="w-full text-left">
            <thead className="text-ink-3">
              <tr>
                {["From", "For", "Where", "Measured then"].map((head) => (
                  <th key={head} className="py-1 pr-4 font-normal">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {firings.slice(0, MOST_LISTED).map((firing) => (
                <tr
                  key={`${firing.fromMs} ${JSON.stringify(firing.labels)}`}
                  className="border-t border-rule align-top"
                >
                  <td className="py-1 pr-4 whitespace-nowrap">
                    <Time ms={firing.fromMs} />
                  </td>
                  <td className="pr-4 whitespace-nowrap">
                    {firing.toMs === null ? "still" : inLength(firing.toMs - firing.fromMs)}
                  </td>
                  <td className="pr-4">{labelsText(firing.labels)}</td>
                  <td className="min-w-64 text-ink-2">{firing.text}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {fired > MOST_LISTED ? (
            <p className="text-ink-3">
              The newest {MOST_LISTED} of {inWhole(fired)}.
            </p>
          ) : null}
        </section>
      ) : null}
    </div>
  );
}

type Span = { readonly fromMs: number; readonly toMs: number };

/** Spans that overlap as one, so that they are not drawn darker. */
function mergedSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1);
    if (last && span.fromMs <= last.toMs)
      merged[merged.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
    else merged.push(span);
  }
  return merged;
}
