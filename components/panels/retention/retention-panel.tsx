"use client";
import { type FormEvent, useState } from "react";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import { TableHead } from "@/components/ui/table-head.tsx";
import type { RetentionReply } from "@/lib/contract/read-retention.ts";
import { inLength } from "@/lib/domain/words.ts";
import { useVisitor } from "../visitor.tsx";
import { useSaveRetention } from "./use-retention.ts";

const DAY_MS = 86_400_000;
type Field = "historyMs" | "samplesMs";
type Row = {
  readonly what: string;
  readonly about: string;
  readonly keptMs: number;
  /** Null: it goes with the history, which is all that a tenant decides of it. */
  readonly field: Field | null;
};

/** Every kind of row by how long it is kept, and what of that this tenant shortens. */
export function RetentionPanel({ data }: { readonly data: RetentionReply }) {
  const save = useSaveRetention();
  const { at } = useVisitor();
  const [saved, setSaved] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const msOf = (field: Field): number | null => {
      const days = String(given.get(field) ?? "").trim();
      return days === "" ? null : Number(days) * DAY_MS;
    };
    setSaved(false);
    const body = { historyMs: msOf("historyMs"), samplesMs: msOf("samplesMs") };
    save.mutate(body, { onSuccess: () => setSaved(true) });
  };
  return (
    <Panel title="How long data is kept" note="what is older is deleted within ten minutes, for good">
      <form onSubmit={submit} aria-label="Retention">
        <section className="overflow-x-auto" tabIndex={0} aria-label="Kinds of data">
          <table className="w-full text-left">
            <TableHead names={["What", "The installation keeps it", `${at.name} keeps it, days`]} />
            <tbody>
              {rowsOf(data).map((row) => (
                <KindRow key={row.what} row={row} tenant={data.tenant} />
              ))}
            </tbody>
          </table>
        </section>
        <div className="mt-3 flex flex-wrap items-center gap-3">
          <button type="submit" className="control h-8" disabled={save.isPending}>
            Save
          </button>
          <p role="status" className="text-good">
            {saved && !save.error ? "Saved." : ""}
          </p>
          <p className="text-ink-3">
            Longer than the installation keeps it, nothing is kept: its own retention is in its settings
            (REPRISE_RETAIN_…).
          </p>
        </div>
      </form>
      <Problem error={save.error} className="mt-2" />
    </Panel>
  );
}

function rowsOf({ installation }: RetentionReply): readonly Row[] {
  const { historyMs, samplesMs, minutesMs, tenSecondsMs } = installation;
  return [
    {
      what: "History",
      about: "hourly rollups, changes, incidents, findings, keys, what alerting did",
      ...{ keptMs: historyMs, field: "historyMs" },
    },
    {
      what: "Samples",
      about: "single handshakes, with hashed identifiers",
      ...{ keptMs: samplesMs, field: "samplesMs" },
    },
    {
      what: "Minutes",
      about: "one-minute rollups, uses of keys, probes, TLS alerts, deliveries",
      ...{ keptMs: minutesMs, field: null },
    },
    { what: "Ten seconds", about: "ten-second rollups", ...{ keptMs: tenSecondsMs, field: null } },
  ];
}

function KindRow({ row, tenant }: { readonly row: Row; readonly tenant: RetentionReply["tenant"] }) {
  const { what, about, keptMs, field } = row;
  const own = field && tenant[field];
  return (
    <tr className="border-t border-rule">
      <th scope="row" className="py-2 pr-4 text-left font-normal">
        {what}
        <span className="block text-ink-3">{about}</span>
      </th>
      <td className="whitespace-nowrap pr-4">{inLength(keptMs)}</td>
      <td>
        {field ? (
          <input
            className="field w-24"
            name={field}
            type="number"
            aria-label={`${what}, days`}
            min={1}
            max={Math.floor(keptMs / DAY_MS)}
            step={1}
            placeholder="as long"
            defaultValue={own === null ? "" : own / DAY_MS}
          />
        ) : (
          <span className="text-ink-3">
            {tenant.historyMs !== null && tenant.historyMs < keptMs
              ? inLength(tenant.historyMs)
              : "never longer than the history"}
          </span>
        )}
      </td>
    </tr>
  );
}
