import { MAX_COUNT, MAX_NAME } from "../../lib/contract/ingest.ts";
import type { CacheSample, Change, Handshake } from "../../lib/domain/handshake.ts";
import type { KeyEvent } from "../../lib/domain/keys.ts";
import type { NodeLoad } from "../../lib/domain/load.ts";
import { keyMaterialProblem } from "../sources/key-material.ts";
import type { ToldKey } from "../sources/source.ts";

/** Longest texts that are no names, as the wire contract has them. */
const MAX_TITLE = 300;
const MAX_DETAIL = 10_000;
const MAX_REF = 500;
const MAX_TICKET = 4_096;
const MAX_REASON = 500;

/** Controls, line and paragraph separators, overrides of direction, half characters: nothing that a name is made of. */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Whether a text may be kept as a name: not too long (253 characters), and every character shows. */
export function isName(text: string): boolean {
  return text.length <= MAX_NAME && !UNPRINTABLE.test(text);
}

/**
 * Why a handshake is not kept, whichever source told of it; null when it may be. Names are what clients and log files
 * say, so they are bounded here once for all; a name cut short would be another name.
 */
export function handshakeProblem(handshake: Handshake): string | null {
  // Field by field and not in a loop over their names: every handshake passes here.
  return (
    nameProblem("endpoint", handshake.endpoint) ??
    nameProblem("node", handshake.node) ??
    nameProblem("region", handshake.region) ??
    nameProblem("family", handshake.family) ??
    nameProblem("cipher", handshake.cipher) ??
    nameProblem("group", handshake.group) ??
    nameProblem("earlyDataReason", handshake.earlyDataReason) ??
    nameProblem("alert", handshake.alert) ??
    nameProblem("keyName", handshake.keyName) ??
    (handshake.keyName === null ? null : keyMaterialProblem(handshake.keyName)) ??
    nameProblem("client", handshake.client) ??
    ticketProblem(handshake.ticketId) ??
    numberProblem("handshakeUs", handshake.handshakeUs) ??
    numberProblem("ttfbUs", handshake.ttfbUs) ??
    numberProblem("ticketAgeS", handshake.ticketAgeS) ??
    countProblem(handshake.count)
  );
}

function ticketProblem(ticketId: string | null): string | null {
  return ticketId !== null && ticketId.length > MAX_TICKET ? tooLong("ticketId", MAX_TICKET) : null;
}

function countProblem(count: number): string | null {
  return Number.isInteger(count) && count >= 1 && count <= MAX_COUNT
    ? null
    : `count is no whole number from 1 to ${MAX_COUNT}`;
}

/** The same for a change. */
export function changeProblem(change: Omit<Change, "id">): string | null {
  const { endpoint, node, region, actor, title, detail, ref } = change;
  if (title.length > MAX_TITLE) return tooLong("title", MAX_TITLE);
  if (detail !== null && detail.length > MAX_DETAIL) return tooLong("detail", MAX_DETAIL);
  if (ref !== null && ref.length > MAX_REF) return tooLong("ref", MAX_REF);
  return firstNameProblem({ endpoint, node, region, actor });
}

/** The same as for handshakes, for a use of a key. */
export function keyProblem({ endpoint, node, keyName, count }: ToldKey): string | null {
  return firstNameProblem({ endpoint, node, keyName }) ?? keyMaterialProblem(keyName) ?? countProblem(count);
}

/** The same for what was said of a key. */
export function keyEventProblem({
  endpoint,
  node,
  keyGroup,
  keyName,
  actor,
  reason,
}: KeyEvent): string | null {
  if (reason !== null && reason.length > MAX_REASON) return tooLong("reason", MAX_REASON);
  return firstNameProblem({ endpoint, node, keyGroup, keyName, actor }) ?? keyMaterialProblem(keyName);
}

/** The same for a reading of a node's CPU. */
export function loadProblem({ node, cores, busyCores }: NodeLoad): string | null {
  if (!(Number.isFinite(cores) && cores > 0)) return "cores is no number above 0";
  if (!(Number.isFinite(busyCores) && busyCores >= 0)) return "busyCores is no number from 0 up";
  return firstNameProblem({ node });
}

/** The same for a cache reading. */
export function cacheProblem({ atMs: _, endpoint, node, cache, ...counts }: CacheSample): string | null {
  for (const [field, value] of Object.entries(counts)) {
    const problem = numberProblem(field, value);
    if (problem !== null) return problem;
  }
  return firstNameProblem({ endpoint, node, cache });
}

function firstNameProblem(names: Readonly<Record<string, string | null>>): string | null {
  for (const [field, text] of Object.entries(names)) {
    const problem = nameProblem(field, text);
    if (problem !== null) return problem;
  }
  return null;
}

function nameProblem(field: string, text: string | null): string | null {
  if (text === null || isName(text)) return null;
  return text.length > MAX_NAME ? tooLong(field, MAX_NAME) : `${field} holds characters that do not show`;
}

function tooLong(field: string, most: number): string {
  return `${field} is longer than ${most} characters`;
}

function numberProblem(field: string, value: number | null): string | null {
  return value === null || (Number.isSafeInteger(value) && value >= 0)
    ? null
    : `${field} is no whole number from 0 up`;
}
