import type { ReactNode } from "react";
import type { SourceView } from "@/lib/contract/read-sources.ts";
import { formatAge, formatCount } from "../../ui/format.ts";
import { Time } from "../../ui/zone.tsx";
import { CapabilityRow } from "./capability-row.tsx";
import { entryOf } from "./catalogue.ts";
import { DecodedHandshake } from "./decoded-handshake.tsx";

/** All that is known of one sender: what it can tell, what it told last, what of it was refused or cannot be true. */
export function SenderDetails({ source, nowMs }: { source: SourceView; nowMs: number }) {
  const entry = entryOf(source.source);
  return (
    <div className="grid gap-x-8 gap-y-4 border-l-2 border-rule-strong pl-4 lg:grid-cols-2">
      <Part title="Refused">
        {source.rejections.length === 0 ? <p className="text-ink-3">Nothing was refused.</p> : null}
        {source.rejections.map((rejection) => (
          <div key={rejection.reason} className="mb-1">
            <p>
              <span className="text-bad">{formatCount(rejection.count)}</span> × {rejection.reason}{" "}
              <span className="text-ink-3">last {formatAge(nowMs - rejection.lastMs)}</span>
            </p>
            {rejection.sample ? <code className="block break-all text-ink-3">{rejection.sample}</code> : null}
          </div>
        ))}
        {source.overflowed > 0 ? (
          <p className="text-warn">
            {formatCount(source.overflowed)} handshakes are counted under “(other)”: this sender made more
            segments than its cap. Are random names in the endpoint?
          </p>
        ) : null}
      </Part>
      <Part title="Invariants">
        {source.breaches.length === 0 ? (
          <p className="text-ink-3">None broken: what it tells does not contradict itself.</p>
        ) : (
          <p className="mb-1 text-ink-2">
            What it tells cannot all be true. That is a fault of the telemetry (FM-36) and no incident of the
            fleet.
          </p>
        )}
        {source.breaches.map((breach) => (
          <div key={breach.invariant} className="mb-1">
            <p>
              <span className="text-warn">{formatCount(breach.count)}</span> × {breach.sentence}{" "}
              <span className="text-ink-3">
                first <Time ms={breach.firstMs} />, last {formatAge(nowMs - breach.lastMs)}
              </span>
            </p>
            <code className="block break-all text-ink-3">{breach.detail}</code>
          </div>
        ))}
      </Part>
      {source.lastHandshake ? (
        <Part title="Decoded">
          <DecodedHandshake handshake={source.lastHandshake} nowMs={nowMs} />
        </Part>
      ) : null}
      {entry ? (
        <Part title="What this source can tell">
          <CapabilityRow entry={entry} />
        </Part>
      ) : null}
      <p className="text-ink-3 lg:col-span-2">
        {formatCount(source.accepted)} accepted. First heard <Time ms={source.firstSeenMs} />
        {source.lastEventMs === null ? null : (
          <>
            , newest event <Time ms={source.lastEventMs} />
          </>
        )}
        {source.duplicate > 0 ? `, ${formatCount(source.duplicate)} known from an earlier push` : null}.
      </p>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1 font-semibold">{title}</h3>
      {children}
    </section>
  );
}
