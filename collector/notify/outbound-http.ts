import { type LookupAddress, lookup as systemLookup } from "node:dns";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { BlockList, isIP, isIPv4 } from "node:net";
import type { OutboundAnswer, OutboundHttp, OutboundRequest, Resolved } from "./outbound.ts";

/** Bytes of an answer that are kept; a longer one is cut off. */
const MOST_BODY_BYTES = 65_536;

/**
 * Networks that are inside, or nowhere: loopback, private, shared (RFC 6598), link-local with the clouds' metadata services,
 * documentation, benchmarking, multicast, reserved (RFC 6890), and IPv6's like.
 */
const INSIDE_V4 = [
  ...[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
  ],
  ...[
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
  ],
  ...["224.0.0.0/4", "240.0.0.0/4"],
];
/** Also ways to write an IPv4 address inside an IPv6 one that a gateway may unwrap (NAT64, 6to4, Teredo). */
const INSIDE_V6 = [
  "::/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
];

export type Lookup = typeof systemLookup;
export type OutboundOptions = {
  /** Networks (`10.0.0.0/8`), addresses and host names that may be reached although they are inside. */
  readonly allowed: readonly string[];
  /** Certificates that are trusted beside the system's, PEM; for receivers with a CA of their own. */
  readonly ca?: string;
  /** How names are resolved; the system's way by default. */
  readonly lookup?: Lookup;
};

/**
 * HTTP that does not reach inside: an address is checked after it was resolved, and that very address is connected to, so that a name
 * that resolves to another one a moment later is no way around. Redirects are answers like any other.
 */
export class GuardedHttp implements OutboundHttp {
  readonly #inside = new BlockList();
  readonly #allowed = new BlockList();
  readonly #names = new Set<string>();
  readonly #options: OutboundOptions;

  /** Throws a RangeError for an entry of `allowed` that is neither network, address nor name. */
  constructor(options: OutboundOptions) {
    this.#options = options;
    for (const network of INSIDE_V4) addNetwork(this.#inside, network);
    for (const network of INSIDE_V6) addNetwork(this.#inside, network);
    for (const entry of options.allowed) {
      if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(entry) && isIP(entry) === 0)
        this.#names.add(entry.toLowerCase());
      else addNetwork(this.#allowed, entry);
    }
  }

  /** Why a host may not be reached; null where it may, as far as its name tells. */
  #problemOf(address: string): string | null {
    const plain = unmapped(address);
    const family = isIPv4(plain) ? "ipv4" : "ipv6";
    if (!this.#inside.check(plain, family) || this.#allowed.check(plain, family)) return null;
    return `${address} is an address inside; it is reached only where REPRISE_ALERT_ALLOW names it`;
  }

  async request(request: OutboundRequest): Promise<OutboundAnswer> {
    const url = URL.canParse(request.url) ? new URL(request.url) : null;
    if (!url || (url.protocol !== "https:" && url.protocol !== "http:"))
      return { kind: "refused", reason: "only http and https addresses are told" };
    if (url.username || url.password)
      return { kind: "refused", reason: "an address must not hold credentials" };
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const free = this.#names.has(host.toLowerCase());
    // A literal address is never resolved, so it is checked here.
    const problem = isIP(host) && !free ? this.#problemOf(host) : null;
    if (problem) return { kind: "refused", reason: problem };
    try {
      return await this.#send(url, request, free);
    } catch (error) {
      if (error instanceof InsideError) return { kind: "refused", reason: error.message };
      return { kind: "failed", reason: reasonOf(error as NodeJS.ErrnoException) };
    }
  }

  async resolve(host: string): Promise<Resolved> {
    const free = this.#names.has(host.toLowerCase());
    if (isIP(host)) {
      const problem = free ? null : this.#problemOf(host);
      return problem ? { kind: "refused", reason: problem } : { kind: "address", address: host };
    }
    return new Promise((done) => {
      this.#guarded(free)(host, {}, (error, address) => {
        if (!error) done({ kind: "address", address: address as string });
        else if (error instanceof InsideError) done({ kind: "refused", reason: error.message });
        else done({ kind: "failed", reason: reasonOf(error) });
      });
    });
  }

  #send(url: URL, request: OutboundRequest, free: boolean): Promise<OutboundAnswer> {
    const { method, headers, body, timeoutMs } = request;
    const signal = AbortSignal.timeout(timeoutMs);
    const { ca } = this.#options;
    return new Promise((done, failed) => {
      const start = url.protocol === "https:" ? requestHttps : requestHttp;
      const sent = start(
        url,
        {
          ...{ method, signal, agent: false, lookup: this.#guarded(free), ...(ca ? { ca } : {}) },
          headers: { ...headers, "content-length": String(Buffer.byteLength(body)), "user-agent": "reprise" },
        },
        (answer) => readBody(answer, signal).then(done, failed),
      );
      sent.once("error", failed);
      sent.end(body);
    });
  }

  /** Resolves a name to addresses that may be reached; fails where there is none. */
  #guarded(free: boolean): Lookup {
    const lookup = this.#options.lookup ?? systemLookup;
    return ((host: string, options: object, done: (...parts: unknown[]) => void): void => {
      lookup(host, { ...options, all: true }, (error, found) => {
        if (error) return done(error);
        const all = found as LookupAddress[];
        const good = free ? all : all.filter(({ address }) => this.#problemOf(address) === null);
        const [first] = good;
        if (!first)
          return done(new InsideError(`${host} is inside: ${this.#problemOf(all[0]?.address ?? host)}`));
        return "all" in options && options.all ? done(null, good) : done(null, first.address, first.family);
      });
    }) as Lookup;
  }
}

class InsideError extends Error {}

function addNetwork(list: BlockList, network: string): void {
  const [address = "", bits] = network.split("/");
  const family = isIPv4(address) ? "ipv4" : "ipv6";
  if (isIP(address) === 0) throw new RangeError(`${network} is no network, address or host name`);
  const length = bits === undefined ? (family === "ipv4" ? 32 : 128) : Number(bits);
  if (!Number.isInteger(length) || length < 0 || length > (family === "ipv4" ? 32 : 128))
    throw new RangeError(`${network} is no network`);
  list.addSubnet(address, length, family);
}

/** An IPv4 address that is written as an IPv6 one (::ffff:10.0.0.1) as what it is. */
function unmapped(address: string): string {
  const match = /^(?:0*:)*:?ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i.exec(address);
  if (!match) return address;
  if (match[1]) return match[1];
  const [high, low] = [Number.parseInt(match[2] ?? "0", 16), Number.parseInt(match[3] ?? "0", 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

async function readBody(answer: IncomingMessage, signal: AbortSignal): Promise<OutboundAnswer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size >= MOST_BODY_BYTES) break;
  }
  signal.throwIfAborted();
  answer.destroy();
  return {
    kind: "answered",
    status: answer.statusCode ?? 0,
    headers: Object.fromEntries(
      Object.entries(answer.headers).flatMap(([name, value]) =>
        typeof value === "string" ? [[name, value]] : [],
      ),
    ),
    body: Buffer.concat(parts).subarray(0, MOST_BODY_BYTES).toString("utf8"),
  };
}

/** What went wrong on the way, without the address: it may hold a secret. */
function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.name === "TimeoutError" || error.name === "AbortError") return "no answer in time";
  return error.code ?? error.message.slice(0, 200);
}
