import { isIP } from "node:net";
import { u16 } from "./bytes.ts";

const MAPPED = [0, 0, 0, 0, 0, 0xffff];

/** An address of 4 or 16 bytes as text (RFC 5952); an IPv4 address within IPv6 as IPv4. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => u16(bytes, index * 2));
  if (MAPPED.every((group, index) => groups[index] === group)) return bytes.subarray(12).join(".");
  return compressed(groups);
}

/** The longest run of two or more zero groups, the first of equals, becomes "::". */
function compressed(groups: readonly number[]): string {
  let best = { at: -1, length: 1 };
  for (let at = 0; at < groups.length; ) {
    let length = 0;
    while (groups[at + length] === 0) length += 1;
    if (length > best.length) best = { at, length };
    at += length + 1;
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  return best.at < 0 ? text(0, 8) : `${text(0, best.at)}::${text(best.at + best.length, 8)}`;
}

/** The names of servers: by address and port, by address, or one for all. */
export class NodeNames {
  readonly #byAddress: ReadonlyMap<string, string>;
  /** The name of all that have none of their own; null where there is none. */
  readonly all: string | null;

  constructor(byAddress: ReadonlyMap<string, string>, all: string | null) {
    this.#byAddress = byAddress;
    this.all = all;
  }

  /** The name of a server; its address where nobody gave it one. */
  of(address: string, port: number): string {
    const withPort = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
    return this.#byAddress.get(withPort) ?? this.#byAddress.get(address) ?? this.all ?? address;
  }
}

/**
 * Reads `--node` options: `NAME` for all servers, `ADDRESS=NAME` or `ADDRESS:PORT=NAME` (IPv6 with a port in brackets)
 * for one. In one sentence what is wrong otherwise.
 */
export function readNodeNames(options: readonly string[]): NodeNames | string {
  const byAddress = new Map<string, string>();
  let all: string | null = null;
  for (const option of options) {
    const equals = option.indexOf("=");
    if (equals < 0) {
      all = option;
      continue;
    }
    const [place, name] = [option.slice(0, equals).trim(), option.slice(equals + 1).trim()];
    const address = /^\[(.+)\](?::\d+)?$/.exec(place)?.[1] ?? place.replace(/^([^:]+):\d+$/, "$1");
    if (isIP(address) === 0 || name === "")
      return `--node takes NAME, ADDRESS=NAME or ADDRESS:PORT=NAME, but it is "${option}".`;
    byAddress.set(normal(place, address), name);
  }
  return new NodeNames(byAddress, all);
}

/** IPv6 addresses may be written in several ways; one of them stands for all. */
function normal(place: string, address: string): string {
  if (isIP(address) !== 6) return place;
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const port = /\]:(\d+)$/.exec(place)?.[1];
  return port === undefined ? text : `[${text}]:${port}`;
}
