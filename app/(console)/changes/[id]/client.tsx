"use client";
import Link from "next/link";
import { AlignedPanel } from "@/components/panels/changes/aligned-panel.tsx";
import { EffectScopes, RatesTable } from "@/components/panels/changes/effect-scopes.tsx";
import { scopeOf } from "@/components/panels/changes-table.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { formatCount } from "@/components/ui/format.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { ChangeEffectReply } from "@/lib/contract/read-effect.ts";

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

function Effect({ effect }: { effect: ChangeEffectReply }) {
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
          <>
            {change.kind === "key_rotation" ? (
              <Link href={keysPage(change)} className="control">
                Keys around it
              </Link>
            ) : null}
            <Link href={page} className="control">
              Look at the time around it
            </Link>
          </>
        }
      >
        <p className="mb-2 text-[1.15rem]">{effect.sentence}</p>
        <RatesTable effect={effect} />
        <p className="mt-2 text-ink-2">
          Before: <Counts counts={effect.before} />. After: <Counts counts={effect.after} />.
        </p>
      </Panel>
      <EffectScopes effect={effect} />
      <AlignedPanel id={change.id} />
    </>
  );
}

const DAY_MS = 86_400_000;

/** Keys a day on each side of a rotation. */
function keysPage({ atMs, endpoint }: ChangeEffectReply["change"]): string {
  const around = `from=${atMs - DAY_MS}&to=${atMs + DAY_MS}`;
  return `/keys?${around}${endpoint ? `&endpoint=${encodeURIComponent(endpoint)}` : ""}`;
}

function Counts({ counts }: { counts: ChangeEffectReply["before"] }) {
  return (
    <>
      {formatCount(counts.resumed)} resumed, {formatCount(counts.full)} full, {formatCount(counts.failed)}{" "}
      failed
    </>
  );
}
