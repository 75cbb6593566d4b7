"use client";
import { parseAsInteger, useQueryState } from "nuqs";
import { useMemo } from "react";
import { ChartFrame } from "@/components/charts/chart-frame.tsx";
import { prepareAligned } from "@/components/charts/prepare/aligned.ts";
import { TimeChart } from "@/components/charts/time-chart.tsx";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { useRequest } from "../use-request.ts";

const HEIGHT = 200;
const COUNTS = [3, 6, 12, 20];

/** The last changes of the same kind, aligned on their moment: averages over days hide what each of them costs. */
export function AlignedPanel({ id }: { id: string }) {
  const [n, setN] = useQueryState("n", parseAsInteger.withDefault(6));
  const { data, error, refetch } = useRequest("aligned", { id, n: String(n) });
  const model = useMemo(() => (data ? prepareAligned(data) : null), [data]);
  const kind = data?.change.kind.replaceAll("_", " ") ?? "change";
  return (
    <ChartFrame
      title="Aligned on the last of its kind"
      note={data ? `${data.courses.length} × ${kind}, resume rate around each` : undefined}
      model={model}
      description={data?.sentence ?? ""}
      tools={
        <fieldset className="flex gap-px" aria-label="How many of its kind">
          {COUNTS.map((count) => (
            <button
              key={count}
              type="button"
              className="control"
              aria-pressed={n === count}
              onClick={() => void setN(count)}
            >
              {count}
            </button>
          ))}
        </fieldset>
      }
    >
      {error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Placeholder height={HEIGHT + 24} />
      ) : (
        <>
          <p className="mb-1">{data.sentence}</p>
          {model ? (
            <TimeChart model={model} height={HEIGHT} top={1} named={[{ t: 0, name: "change" }]} />
          ) : (
            <EmptyState title="No handshake is stored around these changes." />
          )}
        </>
      )}
    </ChartFrame>
  );
}
