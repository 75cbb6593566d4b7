import Link from "next/link";
import { Fold } from "@/components/ui/fold.tsx";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState } from "@/components/ui/states.tsx";
import type { DiagnosisView } from "@/lib/contract/read-incidents.ts";
import { EvidenceList, Probability } from "./evidence-list.tsx";

/** Which kind: the failure mode that fits with what speaks for and against it, and its look-alikes with why they fit less. */
export function DiagnosisPanel({ diagnoses }: { diagnoses: readonly DiagnosisView[] }) {
  const [best, ...others] = diagnoses;
  return (
    <Panel title="Which kind" note={best ? "with what speaks for it and against it" : undefined}>
      {best ? (
        <>
          <h3 className="mb-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-[1.15rem]">
            <span className="font-medium">{best.title}</span>
            <Probability value={best.probability} />
            <Modes diagnosis={best} />
          </h3>
          <EvidenceList evidence={best.evidence} />
          {others.length ? <LookAlikes diagnoses={others} /> : null}
        </>
      ) : (
        <EmptyState title="No kind has been judged yet." />
      )}
    </Panel>
  );
}

function LookAlikes({ diagnoses }: { diagnoses: readonly DiagnosisView[] }) {
  return (
    <>
      <h3 className="mt-3 mb-1 text-ink-3">Look-alikes</h3>
      <ul>
        {diagnoses.map((diagnosis) => (
          <li key={diagnosis.mode} className="border-t border-rule">
            <Fold
              head={
                <>
                  <Probability value={diagnosis.probability} />
                  <span>
                    {diagnosis.title}
                    <span className="ml-3 text-ink-2">{strongestAgainst(diagnosis)}</span>
                  </span>
                </>
              }
            >
              <Modes diagnosis={diagnosis} />
              <EvidenceList evidence={diagnosis.evidence} />
            </Fold>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Why it fits less, in the words of what speaks most against it. */
function strongestAgainst({ evidence }: DiagnosisView): string | null {
  const against = evidence.filter(({ weight }) => weight < 0).sort((a, b) => a.weight - b.weight)[0];
  return against?.text ?? null;
}

function Modes({ diagnosis }: { diagnosis: DiagnosisView }) {
  if (diagnosis.failureModes.length === 0) return null;
  return (
    <span className="flex flex-wrap gap-x-2 text-[1rem]">
      <span className="text-ink-3">{diagnosis.failureModes.length > 1 ? "Runbooks" : "Runbook"}</span>
      {diagnosis.failureModes.map((id) => (
        <Link key={id} href={`/runbooks/${id}`} className="text-accent underline">
          {id}
        </Link>
      ))}
    </span>
  );
}
