"use client";
import { useMemo } from "react";
import type { LabReply } from "@/lib/contract/read-lab.ts";
import { loadAfter, loadWords } from "@/lib/policy/lab-recovery.ts";
import { prepareLoad } from "../../../charts/prepare/load.ts";
import { TimeChart } from "../../../charts/time-chart.tsx";
import { Time } from "../../../ui/zone.tsx";
import { labFacts } from "../lab-panel.tsx";

type CapacityProps = {
  readonly lab: LabReply;
  readonly headroom: number | null;
  readonly setHeadroom: (cores: number | null) => void;
};

/** The load when every ticket dies: now, and at the busiest hour of the week, against what is free. */
export function Capacity({ lab, headroom: entered, setHeadroom }: CapacityProps) {
  const headroom = freeCores(lab, entered);
  const { last, busiest } = lab.load;
  const facts = useMemo(() => labFacts(lab), [lab]);
  const forecast = useMemo(() => (last ? loadAfter(facts, last) : null), [facts, last]);
  const model = useMemo(() => (forecast && last ? prepareLoad(forecast, last) : null), [forecast, last]);
  if (!last || !forecast)
    return (
      <p className="text-ink-2">
        Not known: no whole hour of handshakes with an outcome was told here in the last week.
      </p>
    );
  return (
    <div className="space-y-2">
      <p className="max-w-4xl">If it happened now: {loadWords(forecast, last, headroom)}</p>
      {busiest && busiest.fromMs !== last.fromMs ? (
        <p className="max-w-4xl text-ink-2">
          In the busiest hour of the week, from <Time ms={busiest.fromMs} />:{" "}
          {loadWords(loadAfter(facts, busiest), busiest, headroom)}
        </p>
      ) : null}
      <label className="flex items-center gap-2">
        <span className="text-ink-2">Cores free on these nodes</span>
        <input
          type="number"
          min={0}
          className="field w-24"
          value={entered ?? ""}
          placeholder={lab.free ? lab.free.freeCores.toFixed(1) : "not known"}
          onChange={(event) =>
            setHeadroom(event.target.value === "" ? null : Math.max(0, Number(event.target.value)))
          }
        />
        {lab.free && entered === null ? (
          <span className="text-ink-3">
            told by {lab.free.nodes} {lab.free.nodes === 1 ? "node" : "nodes"} of {lab.free.cores} cores
          </span>
        ) : null}
      </label>
      {model ? (
        <figure>
          <figcaption className="mb-1 text-ink-3">
            Full handshakes a second after the revocation, with the 95 % band; dashed: now.
          </figcaption>
          <TimeChart model={model} height={180} />
        </figure>
      ) : null}
    </div>
  );
}

/** Cores that are free: what somebody entered, else what nodes tell; null where neither is known. */
export function freeCores(lab: LabReply | undefined, entered: number | null): number | null {
  return entered ?? lab?.free?.freeCores ?? null;
}

/** Whether the load fits; null where nobody said what is free, or no load is known. */
export function fits(lab: LabReply | undefined, headroom: number | null): boolean | null {
  const most = lab?.load.busiest?.ticketCores ?? null;
  return most === null || headroom === null ? null : headroom >= most;
}
