"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { send } from "@/lib/client/send.ts";
import type { TruthView } from "@/lib/contract/read-sources.ts";
import { VANTAGES, type Vantage } from "@/lib/domain/vocabulary.ts";
import { formatCount, formatPercent, nameOf } from "../../ui/format.ts";
import { Panel } from "../../ui/panel.tsx";
import { Time } from "../../ui/zone.tsx";
import { Gate } from "../visitor.tsx";
import { entryOf } from "./catalogue.ts";

const TITLES: Readonly<Record<Vantage, string>> = { log: "Log", wire: "Wire", counters: "Counters" };

type Choice = Pick<TruthView, "node" | "system"> & { readonly vantage: Vantage | null };

/** Where several views tell of the same handshakes: each with its own figures, and which of them rates are made of. */
export function TruthsPanel({ truths }: { truths: readonly TruthView[] }) {
  const client = useQueryClient();
  const choice = useMutation({
    mutationFn: (body: Choice) => send("/api/sources/truth", { method: "POST", body }),
    onSuccess: () => client.invalidateQueries(),
  });
  if (truths.length === 0) return null;
  return (
    <Panel title="Several views of the same handshakes" note="never added up: a rate is made of one of them">
      <section className="overflow-x-auto" tabIndex={0} aria-label="Views by node">
        <table className="w-full text-left">
          <thead className="text-ink-3">
            <tr>
              <th className="py-1 pr-4 font-normal">Node</th>
              <th className="pr-4 font-normal">View</th>
              <th className="pr-4 font-normal">Source</th>
              <th className="pr-4 font-normal">Resume rate, last hour</th>
              <th className="pr-4 font-normal">Completed</th>
              <th className="pr-4 font-normal">Since</th>
              <th className="font-normal">Rates</th>
            </tr>
          </thead>
          <tbody>
            {truths.flatMap((truth) =>
              VANTAGES.filter((vantage) => truth[vantage] !== null).map((vantage, index) => (
                <ViewRow
                  key={`${truth.node} ${truth.system} ${vantage}`}
                  truth={truth}
                  vantage={vantage}
                  first={index === 0}
                  busy={choice.isPending}
                  choose={(next) => choice.mutate({ node: truth.node, system: truth.system, vantage: next })}
                />
              )),
            )}
          </tbody>
        </table>
      </section>
      {choice.error ? (
        <p role="alert" className="text-bad">
          {choice.error.message}
        </p>
      ) : null}
    </Panel>
  );
}

type ViewRowProps = {
  readonly truth: TruthView;
  readonly vantage: Vantage;
  readonly first: boolean;
  readonly busy: boolean;
  readonly choose: (vantage: Vantage | null) => void;
};

function ViewRow({ truth, vantage, first, busy, choose: pick }: ViewRowProps) {
  const side = truth[vantage];
  const used = truth.used === vantage;
  if (side === null) return null;
  return (
    <tr className={first ? "border-t border-rule" : ""}>
      <td className="py-1 pr-4">
        {first ? nameOf(truth.node) : <span className="sr-only">{nameOf(truth.node)}</span>}
      </td>
      <td className="pr-4">{TITLES[vantage]}</td>
      <td className="pr-4 text-ink-2">
        {side.sources.map((source) => entryOf(source)?.title ?? source).join(", ")}
      </td>
      <td className="pr-4">{formatPercent(side.resumeRate)}</td>
      <td className="pr-4">{formatCount(side.completed)}</td>
      <td className="pr-4 whitespace-nowrap text-ink-2">
        <Time ms={side.firstMs} />
      </td>
      <td className="whitespace-nowrap">
        {used ? (
          <span className="text-good">
            used
            {truth.chosen ? (
              <>
                , chosen{" "}
                <Gate need="admin">
                  <button type="button" className="control" disabled={busy} onClick={() => pick(null)}>
                    Take back
                  </button>
                </Gate>
              </>
            ) : (
              ", usual"
            )}
          </span>
        ) : (
          <Gate need="admin">
            <button type="button" className="control" disabled={busy} onClick={() => pick(vantage)}>
              Use {TITLES[vantage].toLowerCase()} instead
            </button>
          </Gate>
        )}
      </td>
    </tr>
  );
}
