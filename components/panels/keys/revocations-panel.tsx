"use client";
import Link from "next/link";
import type { KeysReply, RevocationView } from "@/lib/contract/read-keys.ts";
import { Panel } from "../../ui/panel.tsx";
import { Time } from "../../ui/zone.tsx";
import { KeyName } from "./key-name.tsx";
import { type Tone, Verdict } from "./verdict.tsx";

export const PROOFS: Readonly<Record<RevocationView["verdict"], readonly [Tone, string]>> = {
  proved: ["good", "proved"],
  accepting: ["bad", "still accepted"],
  unknown: ["unknown", "not proved"],
};

/** Keys that were said to be revoked, and whether any node opened a ticket of theirs since. */
export function RevocationsPanel({ keys }: { keys: KeysReply }) {
  return (
    <Panel
      title="Revoked keys"
      tools={
        <Link href="/keys/emergency" className="control">
          Emergency rotation
        </Link>
      }
    >
      {keys.revocations.length === 0 ? (
        <p className="text-ink-2">No key was revoked in this window.</p>
      ) : (
        <ul className="space-y-2">
          {keys.revocations.map((of) => (
            <li
              key={of.eventId}
              className="flex flex-wrap gap-x-4 border-t border-rule pt-1.5 first:border-0"
            >
              <KeyName keyName={of.keyName} />
              <span>
                <Time ms={of.revokedMs} />
                {of.actor ? ` by ${of.actor}` : ""}
                {of.reason ? `: ${of.reason}` : ""}
              </span>
              <Verdict tone={PROOFS[of.verdict][0]}>{PROOFS[of.verdict][1]}</Verdict>
              <Link href={`/keys/emergency?key=${of.keyName}`} className="text-accent hover:underline">
                checklist
              </Link>
              <p className="w-full text-ink-2">{of.sentence}</p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
