/** What `reprise import` and the collector say to each other about history. */
import { z } from "zod";
import { MAX_NAME } from "./ingest.ts";

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const lineNumber = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const source = z.string().min(1).max(60);

/** Asks which imports a history that begins so may continue. */
export const findImportsRequest = z.object({ source, head: digest });
export const findImportsReply = z.object({
  imports: z.array(z.object({ id: z.string(), lines: lineNumber, digest })),
});

/** The first line of a portion: lines `fromLine` (from 0) up to but not with `toLine` of a history. */
export const portionHeader = z.object({
  source,
  /** Node that the lines are of, where the person who imports says so; names the sender. */
  node: z.string().max(MAX_NAME).nullish(),
  id: z.uuid(),
  head: digest,
  /** How many imports began alike when this one was looked up: one that began since may hold the same lines. */
  seen: lineNumber,
  fromLine: lineNumber,
  toLine: lineNumber,
  /** Of all lines before `toLine`. */
  digest,
});
export type PortionHeader = z.infer<typeof portionHeader>;

/** What one line turned into; lines that say nothing new are left out. */
export const portionItem = z.union([
  z.object({ line: lineNumber, handshake: z.unknown() }).strict(),
  z.object({ line: lineNumber, change: z.unknown() }).strict(),
  z.object({ line: lineNumber, cache: z.unknown() }).strict(),
  z.object({ line: lineNumber, key: z.unknown() }).strict(),
  z.object({ line: lineNumber, refused: z.string().max(500), text: z.string().max(300) }).strict(),
]);
export type PortionItem = z.infer<typeof portionItem>;
