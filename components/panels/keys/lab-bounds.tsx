import type { LabReply } from "@/lib/contract/read-lab.ts";
import type { KeyPolicy } from "@/lib/policy/lab.ts";
import { labBounds } from "@/lib/policy/lab-words.ts";

const VERDICTS = {
  ok: { sign: "✓", word: "kept", tone: "text-good" },
  over: { sign: "✗", word: "broken", tone: "text-bad" },
  unknown: { sign: "?", word: "not known", tone: "text-ink-3" },
} as const;

/** The limits of RFCs, certificate and revocation, held against a policy. */
export function Bounds({ lab, policy }: { lab: LabReply; policy: KeyPolicy }) {
  return (
    <div>
      <h3 className="mb-1 font-medium">Limits</h3>
      <ul className="space-y-1">
        {labBounds(policy, { nowMs: lab.nowMs, ...lab.bounds }).map(({ label, verdict, text }) => (
          <li key={label} className="flex gap-2">
            <b aria-hidden className={`w-3 shrink-0 text-center font-semibold ${VERDICTS[verdict].tone}`}>
              {VERDICTS[verdict].sign}
            </b>
            <span>
              {label} <span className="sr-only">{VERDICTS[verdict].word}: </span>
              <span className="text-ink-2">{text}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
