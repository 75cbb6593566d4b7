"use client";
import Link from "next/link";
import type { KeysReply, RotationView } from "@/lib/contract/read-keys.ts";
import { inLength, inList } from "@/lib/domain/words.ts";
import { groupTitle } from "../../charts/prepare/gantt.ts";
import type { TableModel } from "../../charts/prepare/table.ts";
import { TableFrame } from "../../charts/table-frame.tsx";
import { nameOf } from "../../ui/format.ts";
import { EmptyState } from "../../ui/states.tsx";
import { Time } from "../../ui/zone.tsx";
import { KeyName } from "./key-name.tsx";
import { type Tone, Verdict } from "./verdict.tsx";

const STAGES: Readonly<Record<RotationView["stages"]["verdict"], readonly [Tone, string]>> = {
  two_stage: ["good", "two stages"],
  single_stage: ["bad", "one stage"],
  unknown: ["unknown", "not known"],
};
const OVERLAPS: Readonly<Record<RotationView["overlap"]["verdict"], readonly [Tone, string]>> = {
  kept: ["good", "kept"],
  partly: ["warn", "on some nodes"],
  dropped: ["bad", "dropped"],
  unknown: ["unknown", "not known"],
};
const MISSING: Readonly<Record<KeysReply["missing"][number]["verdict"], readonly [Tone, string]>> = {
  missing: ["bad", "no new key was seen"],
  pending: ["unknown", "too early to say"],
  unknown: ["unknown", "nothing tells of keys there"],
};

/** Every rotation that was seen or announced, against the other: who announced it, whether it was in two stages, what was kept. */
export function RotationsPanel({ keys }: { keys: KeysReply }) {
  const { rotations, missing } = keys;
  const unannounced = rotations.filter(({ announced }) => announced === null).length;
  const lost = missing.filter(({ verdict }) => verdict === "missing").length;
  return (
    <TableFrame
      title="Rotations, seen and announced"
      note={`${rotations.length} seen, ${unannounced} of them unannounced, ${lost} announced and not seen`}
      table={tableOf(keys)}
      description={`${rotations.length} rotations were seen, ${unannounced} of them unannounced; ${lost} were announced and not seen.`}
    >
      {rotations.length === 0 && missing.length === 0 ? (
        <EmptyState title="No rotation in this window.">
          A rotation is seen when a node begins to use a key that its group had not used before. Announce
          yours with <code>npx reprise change --kind key_rotation</code>.
        </EmptyState>
      ) : (
        <section className="overflow-x-auto" tabIndex={0} aria-label="List of rotations">
          <table className="w-full text-left">
            <thead className="text-ink-3">
              <tr>
                <th className="py-1 pr-4 font-normal">When</th>
                <th className="pr-4 font-normal">New key</th>
                <th className="pr-4 font-normal">Group</th>
                <th className="pr-4 font-normal">Announced</th>
                <th className="pr-4 font-normal">Stages</th>
                <th className="pr-4 font-normal">Old key</th>
                <th className="font-normal">Behind</th>
              </tr>
            </thead>
            <tbody>
              {rotations.map((rotation) => (
                <Rotation key={rotation.id} rotation={rotation} keys={keys} />
              ))}
              {missing.map((change) => (
                <tr key={change.changeId} className="border-t border-rule align-baseline">
                  <td className="py-1 pr-4 whitespace-nowrap">
                    <Time ms={change.atMs} />
                  </td>
                  <td className="pr-4">
                    <Verdict tone={MISSING[change.verdict][0]}>{MISSING[change.verdict][1]}</Verdict>
                  </td>
                  <td className="pr-4">
                    {[change.endpoint, change.node].filter(Boolean).join(" · ") || "whole fleet"}
                  </td>
                  <td className="pr-4" colSpan={4}>
                    <Link
                      href={`/changes/${encodeURIComponent(change.changeId)}`}
                      className="text-accent hover:underline"
                    >
                      {change.title}
                    </Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </TableFrame>
  );
}

function Rotation({ rotation, keys }: { rotation: RotationView; keys: KeysReply }) {
  const { stages, overlap, announced, behind } = rotation;
  return (
    <tr id={rotation.id} className="border-t border-rule align-baseline target:bg-accent-soft">
      <td className="py-1 pr-4 whitespace-nowrap">
        <Time ms={rotation.atMs} />
        {rotation.late ? <span className="block text-ink-3">or before: seen one visit late</span> : null}
      </td>
      <td className="pr-4">
        <KeyName keyName={rotation.keyName} />
      </td>
      <td className="pr-4">{groupTitle(keys, rotation.group) ?? "–"}</td>
      <td className="min-w-36 pr-4">
        <Announced announced={announced} />
      </td>
      <td className="pr-4" title={stages.sentence}>
        <Verdict tone={STAGES[stages.verdict][0]}>{STAGES[stages.verdict][1]}</Verdict>
        <Sub>
          {stages.verdict === "single_stage" && stages.spreadMs ? `over ${inLength(stages.spreadMs)}` : null}
        </Sub>
      </td>
      <td className="pr-4" title={overlap.sentence}>
        <Verdict tone={OVERLAPS[overlap.verdict][0]}>{OVERLAPS[overlap.verdict][1]}</Verdict>
      </td>
      <td>
        {behind.length ? (
          <Verdict tone="bad">{inList(behind.map(({ node, endpoint }) => nameOf(node ?? endpoint)))}</Verdict>
        ) : (
          <span className="text-ink-3">none</span>
        )}
      </td>
    </tr>
  );
}

function Announced({ announced }: { announced: RotationView["announced"] }) {
  if (!announced) return <Verdict tone="warn">by nobody</Verdict>;
  if (announced.by === "event") return <>{announced.title}</>;
  return (
    <Link href={`/changes/${encodeURIComponent(announced.id)}`} className="text-accent hover:underline">
      {announced.title}
    </Link>
  );
}

function Sub({ children }: { children: string | null }) {
  return children ? <span className="block text-ink-3">{children}</span> : null;
}

function tableOf(keys: KeysReply): TableModel {
  const { rotations, missing } = keys;
  const iso = (t: number): string => new Date(t).toISOString().slice(0, 19).replace("T", " ");
  const lines = [
    ...rotations.map((of) => ({
      id: of.id,
      cells: [
        iso(of.atMs),
        of.keyName,
        groupTitle(keys, of.group),
        of.announced?.title ?? "by nobody",
        `${STAGES[of.stages.verdict][1]}: ${of.stages.sentence}`,
        `${OVERLAPS[of.overlap.verdict][1]}: ${of.overlap.sentence}`,
        of.behind.map(({ node, endpoint }) => nameOf(node ?? endpoint)).join(" "),
      ],
    })),
    ...missing.map((of) => ({
      id: of.changeId,
      cells: [iso(of.atMs), null, of.endpoint, of.title, MISSING[of.verdict][1], null, null],
    })),
  ];
  const head = ["When (UTC)", "New key", "Group", "Announced", "Stages", "Old key", "Behind"];
  return { head, rows: lines, csv: { head, rows: lines.map(({ cells }) => cells) } };
}
