"use client";
import Link from "next/link";
import { scopeOf } from "@/components/panels/changes-table.tsx";
import { RateCell } from "@/components/panels/rate-cell.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { formatCount, formatPoints } from "@/components/ui/format.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { EffectReply } from "@/lib/contract/read.ts";
import { wilson } from "@/lib/stats/interval.ts";

const AROUND_MS = 1_800_000;

export function ChangePage({ id }: { id: string }) {
  const { data, error, refetch } = useRequest("effect", { id });
  return (
    <div className="space-y-3 pt-3">
      <p className="px-4 text-ink-3 sm:px-0">
        <Link href="/changes" className="hover:underline">
          Changes
        </Link>{" "}
        / Change
      </p>
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data ? (
        <Effect effect={data} />
      ) : (
        <Placeholder height={260} />
      )}
    </div>
  );
}

function Effect({ effect }: { effect: EffectReply }) {
  const { change } = effect;
  const around = `from=${change.atMs - AROUND_MS}&to=${change.atMs + AROUND_MS}`;
  const page = change.endpoint
    ? `/endpoints/${encodeURIComponent(change.endpoint)}?${around}`
    : `/?${around}`;
  return (
    <>
      <div className="px-4 sm:px-0">
        <h1 className="text-xl font-semibold tracking-tight">{change.title}</h1>
        <p className="text-ink-2">
          {change.kind.replaceAll("_", " ")} · <Time ms={change.atMs} />
          {change.endMs ? (
            <>
              {" "}
              – <Time ms={change.endMs} />
            </>
          ) : null}{" "}
          · {scopeOf(change)}
          {change.actor ? ` · by ${change.actor}` : ""} · told by {change.via}
        </p>
        {change.detail ? <p className="mt-1 max-w-3xl whitespace-pre-wrap">{change.detail}</p> : null}
        {change.ref ? <p className="mt-1 text-ink-2">{change.ref}</p> : null}
      </div>
      <Panel
        title="Measured effect"
        note={`${Math.round(effect.windowMs / 60_000)} minutes on each side`}
        tools={
          <Link href={page} className="control">
            Look at the time around it
          </Link>
        }
      >
        <p className="mb-2 text-[1.15rem]">{effect.sentence}</p>
        <table className="text-right">
          <thead className="text-ink-3">
            <tr>
              <th className="pr-6 text-left font-normal" />
              <th className="pr-6 font-normal">Resume rate</th>
              <th className="pr-6 font-normal">Resumed</th>
              <th className="pr-6 font-normal">Full</th>
              <th className="font-normal">Failed</th>
            </tr>
          </thead>
          <tbody>
            <Side label="Before" rate={effect.resumeRateBefore} counts={effect.before} />
            <Side label="After" rate={effect.resumeRateAfter} counts={effect.after} />
          </tbody>
        </table>
        {effect.difference ? (
          <p className="mt-2 text-ink-2">
            Difference {formatPoints(effect.difference.value)} (95 %: {formatPoints(effect.difference.low)} to{" "}
            {formatPoints(effect.difference.high)})
          </p>
        ) : null}
      </Panel>
    </>
  );
}

function Side({
  label,
  rate,
  counts,
}: {
  label: string;
  rate: number | null;
  counts: EffectReply["before"];
}) {
  const interval = wilson(counts.resumed, counts.resumed + counts.full);
  return (
    <tr className="border-t border-rule">
      <td className="py-1 pr-6 text-left">{label}</td>
      <td className="pr-6">
        <RateCell value={rate} low={interval?.low ?? null} high={interval?.high ?? null} />
      </td>
      <td className="pr-6">{formatCount(counts.resumed)}</td>
      <td className="pr-6">{formatCount(counts.full)}</td>
      <td>{formatCount(counts.failed)}</td>
    </tr>
  );
}
