import Link from "next/link";
import { Panel } from "@/components/ui/panel.tsx";
import type { IncidentReply } from "@/lib/contract/read-incidents.ts";
import { runbookId } from "./words.ts";

/** What to do: the first action, what not to do, and the runbook. */
export function AdvicePanel({ advice }: { advice: IncidentReply["advice"] }) {
  const runbook = runbookId(advice.runbook);
  return (
    <Panel title="What to do">
      <p className="text-[1.15rem] font-medium">{advice.first}</p>
      {advice.doNot.length ? (
        <>
          <h3 className="mt-3 text-ink-3">What not to do</h3>
          <ul className="mt-0.5 space-y-0.5">
            {advice.doNot.map((text) => (
              <li key={text} className="flex gap-2">
                <span aria-hidden className="text-bad">
                  ×
                </span>
                {text}
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {runbook ? (
        <p className="mt-3">
          <Link href={`/runbooks/${runbook}`} className="control">
            Runbook {runbook}
          </Link>
        </p>
      ) : null}
    </Panel>
  );
}
