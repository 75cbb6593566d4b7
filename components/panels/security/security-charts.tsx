"use client";
import { type ReactNode, useMemo } from "react";
import { ChartFrame } from "@/components/charts/chart-frame.tsx";
import { FindingLane } from "@/components/charts/finding-lane.tsx";
import type { ChartModel } from "@/components/charts/prepare/model.ts";
import {
  earlyLook,
  earlyStacks,
  failureModel,
  nameLook,
  reasonLook,
  type Stack,
  stackModel,
} from "@/components/charts/prepare/security.ts";
import { TimeChart } from "@/components/charts/time-chart.tsx";
import { formatCount, formatPercent } from "@/components/ui/format.ts";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";
import type { FindingView, SecurityReply } from "@/lib/contract/read-security.ts";
import { wilson } from "@/lib/stats/interval.ts";
import { useView } from "../use-view.ts";
import type { Answer } from "./findings-panel.tsx";

const HEIGHT = 190;

type SecurityChartsProps = {
  readonly answer: Answer<SecurityReply>;
  readonly findings: readonly FindingView[];
};

/** How handshakes fail, why offers and early data are refused, over one time axis, with the findings under it. */
export function SecurityCharts({ answer, findings }: SecurityChartsProps) {
  const { data } = answer;
  const models = useMemo(() => (data ? modelsOf(data) : null), [data]);
  const alerts = data ? sum(data.alerts) : 0;
  return (
    <div className="grid gap-3 xl:grid-cols-2">
      <Chart
        answer={answer}
        title="Failures with and without an offer"
        note={data ? failureNote(data) : null}
        model={models?.failures ?? null}
        some={
          models?.failures.rows.some(({ values }) => Object.values(values).some((v) => v !== null)) ?? false
        }
        empty="No source here tells what clients offered."
      >
        {data ? <FindingLane findings={findings} {...data} /> : null}
      </Chart>
      <Chart
        answer={answer}
        title="TLS alerts"
        note={
          data ? `${formatCount(alerts)} of ${formatCount(data.failed)} failed handshakes tell theirs` : null
        }
        model={models?.alerts ?? null}
        some={alerts > 0}
        empty="No failed handshake told its alert in this window. Counts are kept as long as minutes; folded telemetry has none."
      />
      <Chart
        answer={answer}
        title="Refused offers by reason"
        note={data ? `${formatCount(sum(data.reasons))} refused` : null}
        model={models?.reasons ?? null}
        some={(data?.reasons.length ?? 0) > 0}
        empty="No offer was refused, or no source here tells offers."
      />
      <Chart
        answer={answer}
        title="Early data (0-RTT)"
        note={data ? earlyNote(data) : null}
        model={models?.early ?? null}
        some={(models?.early.columns.length ?? 0) > 0}
        empty="No early data in this window, or no source here tells of it."
      />
    </div>
  );
}

function modelsOf(data: SecurityReply) {
  return {
    failures: failureModel(data, data.failures),
    alerts: stackModel(data, data.alerts, nameLook),
    reasons: stackModel(data, data.reasons, reasonLook),
    early: stackModel(data, earlyStacks(data.earlyAccepted, data.earlyRejected), earlyLook),
  };
}

const sum = (stacks: readonly Stack[]): number => stacks.reduce((all, { counts }) => all + total(counts), 0);
const total = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

/** Both ratios with their counts and intervals; what belongs to neither. */
function failureNote({ failures }: SecurityReply): string {
  const text = (name: string, shares: readonly { readonly k: number; readonly n: number }[]): string => {
    const [k, n] = [total(shares.map((one) => one.k)), total(shares.map((one) => one.n))];
    const interval = wilson(k, n);
    if (!interval) return `${name} not known`;
    return `${name} ${formatPercent(k / n)} of ${formatCount(n)} (${formatPercent(interval.low)} to ${formatPercent(interval.high)})`;
  };
  const unknown = total(failures.unknown);
  const rest = unknown > 0 ? `; ${formatCount(unknown)} failed, offer not known` : "";
  return `${text("with", failures.withOffer)}, ${text("without", failures.withoutOffer)}${rest}`;
}

function earlyNote({ earlyAccepted, earlyRejected }: SecurityReply): string {
  return `${formatCount(total(earlyAccepted))} accepted, ${formatCount(sum(earlyRejected))} rejected`;
}

type ChartProps = {
  readonly answer: Answer<SecurityReply>;
  readonly title: string;
  readonly note: string | null;
  readonly model: ChartModel | null;
  readonly some: boolean;
  readonly empty: string;
  readonly children?: ReactNode;
};

function Chart({ answer, title, note, model, some, empty, children }: ChartProps) {
  const [, setView] = useView();
  const { error, data, refetch } = answer;
  return (
    <ChartFrame
      title={title}
      note={note}
      model={some ? model : null}
      description={`${title}: ${note ?? ""}.`}
    >
      {error && !data ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !model ? (
        <Placeholder height={HEIGHT} />
      ) : !some ? (
        <EmptyState title={empty} />
      ) : (
        <TimeChart
          model={model}
          height={HEIGHT}
          onZoom={({ fromMs, toMs }) => setView({ from: fromMs, to: toMs })}
        />
      )}
      {children}
    </ChartFrame>
  );
}
