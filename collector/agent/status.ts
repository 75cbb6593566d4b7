import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SendingStatus } from "./sender.ts";

/** How one input is doing. */
export type InputStatus = {
  /** Path, glob or address. */
  readonly name: string;
  readonly source: string;
  /** Lines taken since the start. */
  readonly lines: number;
  /** Syslog messages that could not be taken since the start. */
  readonly dropped: number;
  readonly problem: string | null;
  readonly files: readonly { readonly path: string; readonly offset: number; readonly behindBytes: number }[];
};

/** What `reprise agent status` shows; written to the state folder while the agent runs. */
export type AgentStatus = {
  readonly atMs: number;
  readonly startedMs: number;
  readonly pid: number;
  readonly node: string;
  readonly collector: string;
  readonly send: string;
  readonly sending: SendingStatus;
  readonly spool: {
    readonly bytes: number;
    readonly mostBytes: number;
    /** Records that wait for an acknowledgement. */
    readonly waiting: number;
    readonly full: boolean;
    readonly lostRecords: number;
    readonly damaged: readonly string[];
  };
  readonly inputs: readonly InputStatus[];
};

const NAME = "status.json";
/** A status older than this is of an agent that does not run any more. */
const STALE_MS = 15_000;

/** Writes the status, readable whole at any moment. */
export function writeStatus(folder: string, status: AgentStatus): void {
  const file = join(folder, NAME);
  writeFileSync(`${file}.new`, JSON.stringify(status), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The status as it was written last; null where no agent has run. */
export function readStatus(folder: string): AgentStatus | null {
  try {
    return JSON.parse(readFileSync(join(folder, NAME), "utf8")) as AgentStatus;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** What is wrong, in one sentence; null when all is well. */
export function problemOf(status: AgentStatus | null, nowMs: number): string | null {
  if (status === null) return "No agent has run with this state folder.";
  if (nowMs - status.atMs > STALE_MS)
    return `The agent does not run: it was last seen ${Math.round((nowMs - status.atMs) / 1_000)} s ago.`;
  const { spool, sending } = status;
  if (sending.state === "refused") return `The collector does not take it: ${sending.problem}`;
  if (spool.full) return "The spool is full: reading waits until the collector takes more.";
  if (spool.lostRecords > 0) return `${spool.lostRecords} records of the spool were damaged and are lost.`;
  const broken = status.inputs.find(({ problem }) => problem !== null);
  return broken ? `${broken.name}: ${broken.problem}` : null;
}

/** The status in words, a line each. */
export function describe(status: AgentStatus, nowMs: number): string {
  const { sending, spool, inputs } = status;
  const lines = [
    `node ${status.node}, process ${status.pid}, sends ${status.send} to ${status.collector}`,
    sending.state === "ok"
      ? `sending: ok, last acknowledged ${ago(sending.acknowledgedMs, nowMs)}`
      : `sending: ${sending.state} since ${ago(sending.sinceMs, nowMs)}: ${sending.problem}`,
    `spool: ${spool.waiting} records wait, ${megabytes(spool.bytes)} of ${megabytes(spool.mostBytes)}${spool.full ? ", full" : ""}`,
    ...inputs.map((input) => {
      const behind = input.files.reduce((sum, { behindBytes }) => sum + behindBytes, 0);
      const dropped = input.dropped > 0 ? `, ${input.dropped} dropped` : "";
      const where =
        input.files.length > 0 ? `, ${input.files.length} files, ${megabytes(behind)} behind` : "";
      return `${input.source} ${input.name}: ${input.lines} lines${dropped}${where}`;
    }),
  ];
  return `${lines.join("\n")}\n`;
}

function ago(atMs: number | null, nowMs: number): string {
  return atMs === null ? "never" : `${Math.max(0, Math.round((nowMs - atMs) / 1_000))} s ago`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
