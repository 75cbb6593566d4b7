import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import type { Mechanism, Protocol } from "../../../lib/domain/vocabulary.ts";
import { Lru } from "../../../lib/runtime/lru.ts";
import { agentYaml } from "../agent-yaml.ts";
import { failureText, isProtocol, textOf, unknownProtocol } from "../fields.ts";
import { localMs } from "../local-time.ts";
import {
  type Decoded,
  isDatedByArrival,
  type LineDecoder,
  type LineDefaults,
  type Source,
} from "../source.ts";

/** Connections whose handshake is under way in one stream. */
const MAX_PENDING = 50_000;

// The time is missing where stunnel logs to syslog.
const LINE = /^(?:(\d{4})\.(\d\d)\.(\d\d) (\d\d):(\d\d):(\d\d) )?LOG[0-7]\[([^\]\s]{1,64})\]: (.*)$/s;
// Bounded, since it is remembered.
const ACCEPTED = /^Service \[(.{0,255})\] accepted connection from (\S{1,64}):\d{1,5}$/s;
const OUTCOME = /^(?:TLS|SSL) accepted: (new session negotiated|previous session reused)$/;
const CIPHERSUITE = /^(?:Negotiated )?((?:TLS|SSL)v[\d.]+) ciphersuite:? (\S+)/;

/** stunnel 5 in server mode at debug level info (SOURCES 1, 3.6). */
export const stunnelSource: Source = {
  name: "stunnel",
  title: "stunnel",
  system: "stunnel",
  capabilities: {
    unit: "event",
    outcome: "yes",
    offer: "no",
    mechanism: "partly",
    rejectionReason: "no",
    protocol: "yes",
    earlyData: "no",
    handshakeTime: "no",
    failures: "yes",
    cache: "no",
    keyRotation: "no",
    notes: [
      "One handshake is put together from several lines of one connection id; the line with the ciphersuite completes it.",
      'A line "Decrypted ticket" tells tickets from session ids; a stream that has not shown one yet leaves TLS 1.2 unknown.',
      "The endpoint is the name of stunnel's service section.",
      "Its clock is whole seconds, so there is no handshake time. Times carry no zone: on a live stream, lines are dated by their arrival.",
      "What look like key names in its tickets change by thread and restart: they tell nothing about rotations.",
    ],
  },
  configurations: [
    {
      title: "To a file, with the agent",
      transport: "agent",
      language: "ini",
      text: `; in stunnel.conf, above the first [service]
debug = info
output = /var/log/stunnel4/stunnel.log
log = append
syslog = no

${agentYaml("stunnel", ["/var/log/stunnel4/stunnel.log"])}`,
    },
    {
      title: "Send a file's lines",
      transport: "http",
      language: "bash",
      text: "curl -s '{{collector}}/v1/lines/stunnel?node=edge-1&region=eu&history=complete' --data-binary @/var/log/stunnel4/stunnel.log",
    },
  ],
  recognises: (line) => LINE.test(line),
  decoder: (defaults) => new StunnelDecoder(defaults),
};

/** What the lines of one connection have said so far. */
type Pending = {
  readonly service: string | null;
  readonly client: string;
  decrypted: boolean;
  resumed: boolean | null;
};

class StunnelDecoder implements LineDecoder {
  readonly #defaults: LineDefaults;
  readonly #pending = new Lru<string, Pending>(MAX_PENDING);
  /** Whether this stunnel has shown that it tells of decrypted tickets; older ones do not. */
  #tellsTickets = false;
  #starting = false;

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
  }

  decode(line: string, receivedMs: number): Decoded {
    const match = LINE.exec(line);
    if (!match) return { kind: "refused", reason: "not a line of stunnel's log" };
    const [, year, month, day, hour, minute, second, id = "", text = ""] = match;
    const own = year === undefined ? receivedMs : localMs([year, month, day, hour, minute, second]);
    const atMs = isDatedByArrival(this.#defaults) ? receivedMs : own;
    const accepted = ACCEPTED.exec(text);
    if (accepted) {
      const [, service, client = ""] = accepted;
      this.#pending.set(id, { service: textOf(service), client, decrypted: false, resumed: null });
      return { kind: "ignored", why: "irrelevant" };
    }
    const pending = this.#pending.get(id);
    if (pending) return this.#continued(text, { id, pending, atMs });
    return this.#server(text, atMs);
  }

  #continued(text: string, at: { id: string; pending: Pending; atMs: number }): Decoded {
    const { id, pending, atMs } = at;
    const outcome = OUTCOME.exec(text);
    if (outcome) pending.resumed = outcome[1] === "previous session reused";
    if (text.startsWith("Decrypted ticket ")) {
      pending.decrypted = true;
      this.#tellsTickets = true;
    }
    const suite = pending.resumed === null ? null : CIPHERSUITE.exec(text);
    const failure = pending.resumed === null ? failureOf(text) : null;
    // With its backend before any TLS: a service in client mode, whose handshakes are not served here.
    if (suite || failure !== null || /^(?:s_connect: connect|Connection (?:closed|reset))/.test(text))
      this.#pending.delete(id);
    if (suite) return this.#completed(pending, { protocol: suite[1] ?? "", cipher: suite[2] ?? null, atMs });
    if (failure === null) return { kind: "ignored", why: "irrelevant" };
    const alert = failureText(failure);
    return { kind: "handshake", handshake: { ...this.#place(pending, atMs), outcome: "failed", alert } };
  }

  #completed(pending: Pending, of: { protocol: string; cipher: string | null; atMs: number }): Decoded {
    const { protocol, cipher, atMs } = of;
    if (!isProtocol(protocol)) return { kind: "refused", reason: unknownProtocol(protocol) };
    const mechanism = pending.resumed ? this.#mechanism(protocol, pending.decrypted) : null;
    const outcome = pending.resumed ? "resumed" : "full";
    return {
      kind: "handshake",
      handshake: { ...this.#place(pending, atMs), protocol, cipher, outcome, mechanism },
    };
  }

  #mechanism(protocol: Protocol, decrypted: boolean): Mechanism | null {
    if (protocol === "TLSv1.3") return "psk";
    if (decrypted) return "ticket";
    return this.#tellsTickets ? "session_id" : null;
  }

  /** Lines of the program itself, not of a connection. */
  #server(text: string, atMs: number): Decoded {
    if (/^stunnel \S+ on \S+ platform$/.test(text)) this.#starting = true;
    if (text !== "Configuration successful") return { kind: "ignored", why: "irrelevant" };
    const title = this.#starting ? "stunnel started" : "stunnel reloaded its configuration";
    this.#starting = false;
    const { endpoint, node, region } = this.#defaults;
    const place = { endpoint, node, region };
    return {
      kind: "change",
      change: { kind: "reload", atMs, endMs: null, ...place, title, detail: null, ref: null, actor: null },
    };
  }

  #place({ service, client }: Pending, atMs: number) {
    const { endpoint, node, region } = this.#defaults;
    return { ...UNKNOWN_HANDSHAKE, atMs, endpoint: service ?? endpoint, node, region, client };
  }
}

/** Why a handshake failed, in stunnel's or OpenSSL's words; null for a line about something else. */
function failureOf(text: string): string | null {
  if (text.startsWith("SSL_accept: ")) return text.slice("SSL_accept: ".length);
  if (text.startsWith("ssl_start: ") && text.includes("TIMEOUTbusy exceeded")) return "handshake timed out";
  return null;
}
