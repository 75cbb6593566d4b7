"use client";
import { useState } from "react";
import type { SourceView } from "@/lib/contract/read-sources.ts";
import { formatAge, formatCount } from "../../ui/format.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import { transportTitle } from "./catalogue.ts";
import { DecodedHandshake } from "./decoded-handshake.tsx";

type Props = {
  readonly entry: CatalogueEntry;
  readonly sources: readonly SourceView[] | undefined;
  readonly nowMs: number;
};
type Sums = { readonly accepted: number; readonly rejected: number };

const sumOf = (senders: readonly SourceView[]): Sums => ({
  accepted: senders.reduce((sum, s) => sum + s.accepted, 0),
  rejected: senders.reduce((sum, s) => sum + s.rejected, 0),
});

/** What has come from a source since the page began to watch: waiting, refused with its reason, or the first handshake. */
export function Arrival({ entry, sources, nowMs }: Props) {
  const senders = (sources ?? []).filter(({ source }) => source === entry.name);
  const now = sumOf(senders);
  const [start, setStart] = useState<Sums | null>(null);
  if (start === null && sources !== undefined) setStart(now);
  const accepted = now.accepted - (start?.accepted ?? now.accepted);
  const rejected = now.rejected - (start?.rejected ?? now.rejected);
  const newest = senders.reduce<SourceView | null>(
    (best, s) => (best === null || s.lastSeenMs > best.lastSeenMs ? s : best),
    null,
  );
  return (
    <div aria-live="polite" data-arrival={accepted > 0 ? "received" : rejected > 0 ? "refused" : "waiting"}>
      {accepted > 0 ? (
        <p className="text-good">
          Received {formatCount(accepted)} since you opened this
          {newest ? `, the newest from ${whence(newest)}` : ""}.
        </p>
      ) : rejected > 0 ? (
        <Refused senders={senders} rejected={rejected} nowMs={nowMs} />
      ) : (
        <Waiting entry={entry} newest={newest} nowMs={nowMs} />
      )}
      {newest?.lastHandshake && (accepted > 0 || now.accepted > 0) ? (
        <div className="mt-2 max-w-3xl">
          <DecodedHandshake handshake={newest.lastHandshake} nowMs={nowMs} />
        </div>
      ) : null}
    </div>
  );
}

const whence = (source: SourceView): string =>
  `${source.sender || "a sender without a name"} over ${transportTitle(source.transport)}`;

function Waiting({
  entry,
  newest,
  nowMs,
}: {
  entry: CatalogueEntry;
  newest: SourceView | null;
  nowMs: number;
}) {
  if (newest === null)
    return (
      <p className="text-ink-2">
        Waiting for the first event from {entry.title}. This page notices by itself.
      </p>
    );
  if (newest.accepted === 0)
    return (
      <p className="text-ink-2">
        {entry.title} was heard {formatAge(nowMs - newest.lastSeenMs)} from {whence(newest)}, without a
        handshake so far{entry.kind === "counters" ? ": counting begins with the second reading" : ""}.
      </p>
    );
  return (
    <p className="text-ink-2">
      {entry.title} is connected already: last heard {formatAge(nowMs - newest.lastSeenMs)} from{" "}
      {whence(newest)}. Waiting for more.
    </p>
  );
}

function Refused({
  senders,
  rejected,
  nowMs,
}: {
  senders: readonly SourceView[];
  rejected: number;
  nowMs: number;
}) {
  const reasons = senders.flatMap((s) => s.rejections).sort((a, b) => b.lastMs - a.lastMs);
  const [latest] = reasons;
  return (
    <div className="text-bad">
      <p>
        {formatCount(rejected)} {rejected === 1 ? "line has" : "lines have"} arrived and{" "}
        {rejected === 1 ? "was" : "were"} refused
        {latest ? `: ${latest.reason} (${formatAge(nowMs - latest.lastMs)})` : ""}.
      </p>
      {latest?.sample ? <code className="break-all text-ink-3">{latest.sample}</code> : null}
    </div>
  );
}
