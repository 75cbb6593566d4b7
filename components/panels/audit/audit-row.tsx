"use client";
import Link from "next/link";
import { useState } from "react";
import { Time } from "@/components/ui/zone.tsx";
import type { AuditEntryView } from "@/lib/contract/read-audit.ts";
import { type AuditField, changedFields, inActionWords } from "@/lib/domain/audit-words.ts";
import type { Narrowing } from "./audit-panel.tsx";

const COLUMNS = 7;
/** JSON up to this length stays on one line. */
const LONGEST_LINE = 100;

type RowProps = { readonly entry: AuditEntryView; readonly narrow: (next: Narrowing) => void };

/** One entry, and the fields that it changed behind a button. */
export function AuditRow({ entry, narrow }: RowProps) {
  const [open, setOpen] = useState(false);
  const fields = changedFields(entry.before, entry.after);
  const detail = `audit-${entry.id}`;
  const who = entry.actor ?? "not signed in";
  return (
    <>
      <tr className="border-t border-rule align-baseline hover:bg-sunken/60" data-audit={entry.action}>
        <td className="py-1 pr-4 text-ink-3 max-sm:hidden">{entry.id}</td>
        <td className="py-1 pr-4 whitespace-nowrap max-sm:whitespace-normal">
          <Time ms={entry.atMs} />
        </td>
        <td className="pr-4 max-sm:hidden">
          <button
            type="button"
            className="min-h-6 text-left hover:underline"
            onClick={() => narrow({ actor: entry.actor ?? "-" })}
          >
            <span className="sr-only">only by </span>
            {entry.actor ?? <span className="text-ink-3">not signed in</span>}
          </button>
        </td>
        <td className="pr-4 whitespace-nowrap text-ink-2 max-sm:hidden">{entry.address ?? "–"}</td>
        <td className="min-w-36 pr-4">
          {inActionWords(entry.action)}
          <span className="block break-all text-ink-3 sm:hidden">
            <Target entry={entry} />
            <br />
            {who}
            {entry.address ? ` from ${entry.address}` : ""}
          </span>
        </td>
        <td className="pr-4 max-sm:hidden">
          <Target entry={entry} />{" "}
          <button
            type="button"
            className="min-h-6 text-ink-3 hover:underline"
            onClick={() => narrow({ targetKind: entry.targetKind, targetId: entry.targetId })}
          >
            only this
            <span className="sr-only">
              {" "}
              {entry.targetKind} {entry.targetId}
            </span>
          </button>
        </td>
        <td className="py-0.5">
          <button
            type="button"
            className="control whitespace-nowrap"
            aria-expanded={open}
            aria-controls={detail}
            onClick={() => setOpen(!open)}
          >
            {open ? "−" : "+"} {fields.length}
            <span className="sr-only"> fields of entry {entry.id}</span>
          </button>
        </td>
      </tr>
      <tr id={detail} hidden={!open}>
        <td colSpan={COLUMNS} className="pb-2">
          {open ? <Detail entry={entry} fields={fields} /> : null}
        </td>
      </tr>
    </>
  );
}

const PAGES: Readonly<Record<string, (id: string) => string>> = {
  incident: (id) => `/incidents/${encodeURIComponent(id)}`,
  change: (id) => `/changes/${encodeURIComponent(id)}`,
  endpoint: (id) => `/endpoints/${encodeURIComponent(id)}`,
};

function Target({ entry: { targetKind, targetId } }: { entry: AuditEntryView }) {
  const page = targetId === "(all)" ? undefined : PAGES[targetKind]?.(targetId);
  return (
    <>
      <span className="text-ink-2">{targetKind}</span>{" "}
      {page ? (
        <Link href={page} className="break-all text-accent hover:underline">
          {targetId}
        </Link>
      ) : (
        <span className="break-all">{targetId}</span>
      )}
    </>
  );
}

function Detail({ entry, fields }: { entry: AuditEntryView; fields: readonly AuditField[] }) {
  return (
    <div className="space-y-1 border-l-2 border-rule pl-3">
      {fields.length === 0 ? <p className="text-ink-2">It was so already.</p> : null}
      {fields.map(({ name, before, after }) => (
        <div key={name} className="grid gap-x-4 sm:grid-cols-[10rem_minmax(0,1fr)_minmax(0,1fr)]">
          <span className="text-ink-3">{name}</span>
          {entry.before === null ? null : (
            <span className="break-all whitespace-pre-wrap">
              <span className="text-ink-3">was </span>
              <Value name={name} value={before} />
            </span>
          )}
          <span className="break-all whitespace-pre-wrap">
            {entry.after === null ? (
              <span className="text-ink-3">deleted</span>
            ) : (
              <>
                {entry.before === null ? null : <span className="text-ink-3">is </span>}
                <Value name={name} value={after} />
              </>
            )}
          </span>
        </div>
      ))}
      <p className="break-all text-ink-3">
        {entry.action} · hash {entry.hash.slice(0, 16)}
        {entry.prevHash ? ` after ${entry.prevHash.slice(0, 16)}` : ", the first"}
      </p>
    </div>
  );
}

function Value({ name, value }: { name: string; value: unknown }) {
  if (value === null) return <span className="text-ink-3">none</span>;
  if (typeof value === "number" && name.endsWith("Ms")) return <Time ms={value} />;
  if (typeof value === "string") return <>{value}</>;
  const line = JSON.stringify(value);
  return <>{line.length <= LONGEST_LINE ? line : JSON.stringify(value, null, 1)}</>;
}
