import Link from "next/link";
import { Fold } from "@/components/ui/fold.tsx";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState } from "@/components/ui/states.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { SuspectView } from "@/lib/contract/read-incidents.ts";
import { inLength } from "@/lib/domain/words.ts";
import { scopeOf } from "../changes-table.tsx";
import { EvidenceList, Probability } from "./evidence-list.tsx";

/** Why: the changes that may have caused it, the likeliest first; that none explains it is an answer too. */
export function SuspectsPanel({ suspects }: { suspects: readonly SuspectView[] }) {
  return (
    <Panel title="Why" note="changes that may have caused it, by scope, lag and signature">
      {suspects.length === 0 ? (
        <EmptyState title="No change is recorded near the onset." />
      ) : (
        <ol>
          {suspects.map((suspect, index) => (
            <li key={suspect.change?.id ?? "none"} className="border-t border-rule first:border-t-0">
              <Fold
                open={index === 0}
                head={
                  <>
                    <Probability value={suspect.probability} />
                    <Name suspect={suspect} />
                  </>
                }
              >
                {suspect.change ? <About change={suspect.change} /> : null}
                <EvidenceList evidence={suspect.evidence} />
              </Fold>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Name({ suspect: { change, lagMs } }: { suspect: SuspectView }) {
  if (!change) return <span className="font-medium">No recorded change explains this</span>;
  return (
    <span>
      <span className="font-medium">{change.title}</span>
      {lagMs === null ? null : (
        <span className="ml-3 text-ink-2">
          {inLength(Math.abs(lagMs))} {lagMs >= 0 ? "before" : "after"} the onset
        </span>
      )}
    </span>
  );
}

function About({ change }: { change: NonNullable<SuspectView["change"]> }) {
  return (
    <p className="mb-1 text-ink-2">
      {change.kind.replaceAll("_", " ")} · <Time ms={change.atMs} /> · {scopeOf(change)}
      {change.actor ? ` · by ${change.actor}` : ""} ·{" "}
      <Link href={`/changes/${encodeURIComponent(change.id)}`} className="text-accent underline">
        the change and its effect
      </Link>
    </p>
  );
}
