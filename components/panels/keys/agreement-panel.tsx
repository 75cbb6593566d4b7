"use client";
import type { ProbesReply } from "@/lib/contract/probe.ts";
import type { KeyAgreementView } from "@/lib/contract/read-keys.ts";
import { inPercent, inWhole } from "@/lib/domain/words.ts";
import { AgreementMatrix } from "../../charts/agreement-matrix.tsx";
import { type MatrixPair, prepareAgreement } from "../../charts/prepare/agreement.ts";
import { TableFrame } from "../../charts/table-frame.tsx";
import { nameOf } from "../../ui/format.ts";
import { KeyName } from "./key-name.tsx";

/** One way in which agreement is known at one endpoint. */
export type AgreementPart = {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly sentence: string;
  readonly misfits: readonly string[];
  readonly pairs: readonly MatrixPair[];
  readonly byKey: KeyAgreementView["byKey"];
};

/** Agreement as telemetry tells it; of an endpoint with one node there is nothing to compare. */
export function passiveParts(agreement: readonly KeyAgreementView[]): AgreementPart[] {
  return agreement.flatMap(({ endpoint, kind, sentence, misfits, pairs, byKey }) => {
    const nodes = new Set(byKey.map(({ node }) => node));
    if (kind === "unknown" && nodes.size < 2) return [];
    const id = `passive-${nameOf(endpoint)}`;
    return [
      { id, title: nameOf(endpoint), note: "from offers in telemetry", sentence, misfits, pairs, byKey },
    ];
  });
}

const MECHANISMS = {
  session_id: "session ids",
  ticket: "tickets of TLS 1.2",
  psk: "PSK of TLS 1.3",
} as const;

/** Agreement as the prober measured it, by mechanism. */
export function activeParts(targets: ProbesReply["targets"], endpoint: string | null): AgreementPart[] {
  const shown = targets.filter((target) => endpoint === null || target.endpoint === endpoint);
  return shown.flatMap((target) =>
    target.agreements.map(({ mechanism, cells, misfits, sentence }) => ({
      id: `active-${target.id}-${mechanism}`,
      title: target.endpoint,
      note: `by the prober, ${MECHANISMS[mechanism]}`,
      sentence,
      misfits,
      pairs: cells.map(({ from, to, accepted, reason }) => ({
        from,
        to,
        accepted: accepted ? 1 : 0,
        offered: accepted === null ? 0 : 1,
        reason,
      })),
      byKey: [],
    })),
  );
}

/** Which node resumes what which node issued, with the one that does not fit told in words. */
export function AgreementPanel({ part }: { part: AgreementPart }) {
  const model = prepareAgreement(part.pairs, part.misfits);
  return (
    <TableFrame
      title={`Agreement at ${part.title}`}
      note={part.note}
      table={part.pairs.length ? model.table : null}
      description={part.sentence}
    >
      <p className={`mb-2 text-[1.15rem] ${part.misfits.length ? "text-bad" : ""}`} data-agreement={part.id}>
        {part.sentence}
      </p>
      {part.pairs.length ? (
        <AgreementMatrix model={model} label={`Agreement at ${part.title}, ${part.note}`} />
      ) : (
        <ByKey byKey={part.byKey} />
      )}
    </TableFrame>
  );
}

/** Where nobody sees who issues: which node accepts which key. */
function ByKey({ byKey }: { byKey: KeyAgreementView["byKey"] }) {
  if (byKey.length === 0) return null;
  return (
    <section className="max-h-80 overflow-auto" tabIndex={0} aria-label="Acceptance by key and node">
      <table className="w-full text-left">
        <thead className="text-ink-3">
          <tr>
            <th className="py-1 pr-4 font-normal">Key</th>
            <th className="pr-4 font-normal">Node</th>
            <th className="font-normal">Accepted</th>
          </tr>
        </thead>
        <tbody>
          {byKey.map(({ keyName, node, accepted, offered }) => (
            <tr key={`${keyName}-${node}`} className="border-t border-rule">
              <td className="py-0.5 pr-4">
                <KeyName keyName={keyName} />
              </td>
              <td className="pr-4">{nameOf(node)}</td>
              <td>{offered > 0 ? `${inPercent(accepted / offered)} of ${inWhole(offered)}` : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
