import type { ProbeTargetView } from "@/lib/contract/probe.ts";
import type { ProbeStep } from "@/lib/domain/probe.ts";
import { mechanismWord, STEP_WORDS, troublesOf } from "@/lib/domain/probe-words.ts";
import type { TableModel } from "../../charts/prepare/table.ts";
import { connectUsOf, handshakeUsOf } from "./parts.ts";

const STEPS = Object.keys(STEP_WORDS) as ProbeStep[];
const MECHANISMS = ["psk", "ticket", "session_id"] as const;

/** What was found at each node of a target, for reading as a table and for CSV; times in microseconds. */
export function nodesTable(target: ProbeTargetView, nowMs: number): TableModel {
  const rows = target.nodes.map(({ node, address, atMs, probe }) => {
    const times = STEPS.map((step) => handshakeUsOf(probe, step));
    const words = MECHANISMS.map((mechanism) =>
      probe?.failure === null ? mechanismWord(probe.mechanisms[mechanism]) : null,
    );
    const troubles = probe ? troublesOf(probe, nowMs).map(({ text }) => text) : [];
    const validToMs = probe?.certificate?.validToMs ?? null;
    return { node, address, atMs, connectUs: connectUsOf(probe), times, words, validToMs, troubles };
  });
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return {
    head: [
      "Node",
      "Address",
      "At",
      "TCP, µs",
      ...STEPS.map((step) => `${STEP_WORDS[step]}, µs`),
      "PSK",
      "Ticket",
      "Session id",
      "Certificate until",
      "To look at",
    ],
    rows: rows.map((row) => ({
      id: row.node,
      cells: [
        ...[row.node, row.address, iso(row.atMs), textOf(row.connectUs)],
        ...row.times.map(textOf),
        ...row.words,
        ...[iso(row.validToMs), row.troubles.join("; ") || null],
      ],
    })),
    csv: {
      head: [
        "node",
        "address",
        "at",
        "connect_us",
        ...STEPS.map((step) => `${step}_us`),
        ...MECHANISMS,
        "certificate_until",
        "to_look_at",
      ],
      rows: rows.map((row) => [
        ...[row.node, row.address, iso(row.atMs), row.connectUs],
        ...row.times,
        ...row.words,
        ...[iso(row.validToMs), row.troubles.join("; ")],
      ]),
    },
  };
}

const textOf = (value: number | null): string | null => (value === null ? null : String(value));
