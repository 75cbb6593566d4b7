import { createHash, type Hash, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import type { PortionItem } from "../../lib/contract/import.ts";
import type { IngestReply } from "../../lib/contract/ingest.ts";
import type { Change } from "../../lib/domain/handshake.ts";
import type { Decoded } from "../sources/source.ts";
import { toWire } from "./decode.ts";
import type { FileDecoder } from "./file-decoder.ts";
import type { ImportClient, KnownImport } from "./import-client.ts";
import { linesOf } from "./lines.ts";
import type { Progress } from "./progress.ts";

/** Lines by which a history is recognised: the first ones, or all where it has fewer. */
const HEAD_LINES = 16;
/** A portion ends after so many lines, or so much to send. */
const PORTION_LINES = 5_000;
const PORTION_BYTES = 4_000_000;
/** Evidence of a refused line that is sent along. */
const MAX_TEXT = 300;

/** A file, and how much of it was taken by earlier imports. */
export type History = {
  /** As given by the person, for messages. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly id: string;
  readonly head: string;
  /** How many imports began alike when it was looked up. */
  readonly seen: number;
  /** Lines that are known. */
  readonly known: number;
  /** Whether these are all. */
  readonly complete: boolean;
  /** What else a person should know about it; null for nothing. */
  readonly note: string | null;
};
export type HistoryFile = Pick<History, "name" | "path" | "bytes">;

/**
 * Finds how much of a file was imported before, however it was packed then: by the digest of its lines up to where an
 * import ended. The file is read for it only where one began with the same lines.
 */
export async function lookUp(
  file: HistoryFile,
  source: string,
  at: { readonly client: ImportClient; readonly progress: Progress },
): Promise<History> {
  const head = await headOf(file.path);
  const found = await at.client.find({ source, head });
  const seen = found.length;
  const fresh = { ...file, head, seen, id: randomUUID(), known: 0, complete: false, note: null };
  if (found.length === 0) return fresh;
  at.progress.begin(`Comparing ${file.name}`, file.bytes);
  const { lines, match } = await compare(file, found, at.progress);
  at.progress.end();
  if (match) return { ...fresh, id: match.id, known: match.lines, complete: match.lines === lines };
  const longer = found.find((one) => one.lines > lines);
  if (longer) {
    const note = `begins like an import of ${longer.lines} lines and ends before it: taken for a part of it`;
    return { ...fresh, known: lines, complete: true, note };
  }
  return {
    ...fresh,
    note: "begins like an earlier import but goes on differently: taken for another history",
  };
}

async function headOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  let count = 0;
  for await (const lines of linesOf(path, Readable.from([])))
    for (const line of lines) {
      if (count >= HEAD_LINES) return hash.digest("hex");
      addLine(hash, line);
      count += 1;
    }
  return hash.digest("hex");
}

/** How many lines a file has, and the longest import that it begins with. */
async function compare(
  file: HistoryFile,
  found: readonly KnownImport[],
  progress: Progress,
): Promise<{ lines: number; match: KnownImport | null }> {
  const hash = createHash("sha256");
  const ends = new Set(found.map(({ lines }) => lines));
  let count = 0;
  let match: KnownImport | null = null;
  for await (const lines of linesOf(file.path, Readable.from([]), (bytes) => progress.readBytes(bytes))) {
    for (const line of lines) {
      addLine(hash, line);
      count += 1;
      if (!ends.has(count)) continue;
      const digest = digestSoFar(hash);
      match = found.find((one) => one.lines === count && one.digest === digest) ?? match;
    }
    progress.tookLines(lines.length);
  }
  return { lines: count, match };
}

function addLine(hash: Hash, line: string): void {
  hash.update(line).update("\n");
}

function digestSoFar(hash: Hash): string {
  return hash.copy().digest("hex");
}

export type Run = {
  readonly source: string;
  readonly node: string | null;
  readonly decoder: FileDecoder;
  readonly client: ImportClient;
  readonly progress: Progress;
  /** Hears of a refused line, numbered from 1. */
  readonly refused: (line: number, reason: string) => void;
  /** Hears of every portion that became durable. */
  readonly taken: (reply: IngestReply) => void;
};

/**
 * Decodes a history from its first line and sends what is not known yet. The known lines are decoded as well, since the
 * connections in them tell which later lines are new ones.
 */
export async function importHistory(history: History, run: Run): Promise<void> {
  const hash = createHash("sha256");
  let portion = new Portion(history.known);
  let count = 0;
  let sending: Promise<void> = Promise.resolve();
  const send = async (): Promise<void> => {
    const { source, node, client } = run;
    const { id, head, seen } = history;
    const digest = digestSoFar(hash);
    const { fromLine } = portion;
    const header = { source, node, id, head, seen, fromLine, toLine: count, digest };
    const full = portion;
    portion = new Portion(count);
    // One portion is on its way while the next is decoded.
    await sending;
    sending = client.take(header, full.items).then((reply) => tell(run, full, reply));
    sending.catch(() => undefined);
  };
  for await (const lines of linesOf(history.path, Readable.from([]), (bytes) =>
    run.progress.readBytes(bytes),
  )) {
    for (const line of lines) {
      addLine(hash, line);
      count += 1;
      const blank = line.trim() === "";
      const item = blank ? null : itemOf(run, line, count - 1);
      if (count <= history.known) continue;
      if (blank) portion.blank += 1;
      if (item) portion.add(item);
      if (count - portion.fromLine >= PORTION_LINES || portion.bytes >= PORTION_BYTES) await send();
    }
    run.progress.tookLines(lines.length);
  }
  if (count > portion.fromLine) await send();
  await sending;
}

class Portion {
  readonly fromLine: number;
  readonly items: string[] = [];
  readonly refusals = new Map<number, string>();
  bytes = 0;
  blank = 0;

  constructor(fromLine: number) {
    this.fromLine = fromLine;
  }

  add(item: PortionItem): void {
    const text = JSON.stringify(item);
    this.items.push(text);
    this.bytes += Buffer.byteLength(text);
    if ("refused" in item) this.refusals.set(item.line, item.refused);
  }
}

function tell(run: Run, { refusals, blank }: Portion, reply: IngestReply): void {
  if (reply.duplicate === 0) for (const [line, reason] of refusals) run.refused(line + 1, reason);
  for (const { index, reason } of reply.errors) if (!refusals.has(index)) run.refused(index + 1, reason);
  run.taken(reply.duplicate > 0 ? reply : { ...reply, accepted: reply.accepted - blank });
}

function itemOf(run: Run, line: string, number: number): PortionItem | null {
  const { decoded, text } = run.decoder.decode(line, Date.now());
  return wireItem(run.source, decoded, { line: number, text });
}

function wireItem(source: string, decoded: Decoded, at: { line: number; text: string }): PortionItem | null {
  const { line } = at;
  if (decoded.kind === "ignored") return null;
  if (decoded.kind === "refused")
    return { line, refused: decoded.reason.slice(0, 500), text: at.text.slice(0, MAX_TEXT) };
  if (decoded.kind === "handshake") return { line, handshake: known(toWire(decoded.handshake)) };
  if (decoded.kind === "change") return { line, change: known(wireChange(source, decoded.change)) };
  if (decoded.kind === "key") {
    const { atMs: ts, use: action, ...rest } = decoded.key;
    return { line, key: known({ ts, action, ...rest }) };
  }
  const { atMs, ...cache } = decoded.cache;
  return { line, cache: known({ ts: atMs, ...cache }) };
}

/** A change under an id of its content, so that it is one change however often its line is read. */
function wireChange(source: string, change: Omit<Change, "id">): Record<string, unknown> {
  const { atMs, endMs, ...rest } = change;
  const content = JSON.stringify([
    source,
    atMs,
    endMs,
    rest.kind,
    rest.node,
    rest.endpoint,
    rest.title,
    rest.detail,
  ]);
  const id = `import-${createHash("sha256").update(content).digest("hex").slice(0, 40)}`;
  return { id, ts: atMs, endTs: endMs, ...rest };
}

/** Without what is not known, which is most of a handshake; an unknown outcome has to be said. */
function known(wire: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(wire).filter(([name, value]) => value !== null || name === "outcome"),
  );
}
