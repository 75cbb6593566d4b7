"use client";
import { useMemo } from "react";
import type { ChangeView } from "@/lib/contract/read.ts";
import type { KeysReply } from "@/lib/contract/read-keys.ts";
import { ChangeLane } from "../../charts/change-lane.tsx";
import { GANTT_LEFT, GANTT_RIGHT, KeyGantt } from "../../charts/key-gantt.tsx";
import { groupTitle, prepareGantt, shortKey } from "../../charts/prepare/gantt.ts";
import { TableFrame } from "../../charts/table-frame.tsx";
import { EmptyState } from "../../ui/states.tsx";

type GanttPanelProps = {
  readonly keys: KeysReply;
  readonly changes: readonly ChangeView[];
  readonly selected: string | null;
  readonly apart: boolean;
  readonly onSelect: (keyName: string | null) => void;
  readonly onApart: (apart: boolean) => void;
};

/** Keys by node over time, with rotations that were seen and announced on the same axis. */
export function GanttPanel({ keys, changes, selected, apart, onSelect, onApart }: GanttPanelProps) {
  const model = useMemo(() => prepareGantt(keys, { apart }), [keys, apart]);
  const rows = model.groups.reduce((sum, group) => sum + group.rows.length + group.left, 0);
  // Rotations that Reprise recorded itself stand among those that were seen.
  const told = changes.filter(({ via }) => via !== "observed");
  const announced = told.filter(({ kind }) => kind === "key_rotation");
  const observed = keys.rotations.map(({ id, atMs, group, keyName }) => ({
    id,
    atMs,
    kind: "key_rotation",
    title: `Key ${shortKey(keyName)} began to be used in ${groupTitle(keys, group) ?? "its group"}`,
  }));
  const lane = { fromMs: model.fromMs, toMs: model.toMs, left: GANTT_LEFT, right: GANTT_RIGHT };
  return (
    <TableFrame
      title="Keys by node"
      note={
        keys.keysTotal > keys.keys.length
          ? `${keys.keys.length} of ${keys.keysTotal} keys`
          : `${keys.keys.length} ${keys.keys.length === 1 ? "key" : "keys"}`
      }
      table={model.table}
      description={`${rows} rows of keys at nodes, ${observed.length} rotations seen and ${announced.length} announced in this window.`}
      tools={
        <button type="button" className="control" aria-pressed={apart} onClick={() => onApart(!apart)}>
          Each node
        </button>
      }
    >
      {rows === 0 ? (
        <EmptyState title="No key was in use in this window.">Choose a longer one.</EmptyState>
      ) : (
        <>
          <KeyGantt
            model={model}
            nowMs={keys.nowMs}
            selected={selected}
            onSelect={onSelect}
            marks={observed.map(({ atMs }) => atMs)}
          />
          <ChangeLane {...lane} changes={observed} label="Seen" href={([first]) => `#${first.id}`} />
          <ChangeLane {...lane} changes={told} label="Announced" />
        </>
      )}
    </TableFrame>
  );
}
