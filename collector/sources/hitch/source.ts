import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import { Lru } from "../../../lib/runtime/lru.ts";
import { agentYaml } from "../agent-yaml.ts";
import { failureText } from "../fields.ts";
import { localMs } from "../local-time.ts";
import {
  type Decoded,
  isDatedByArrival,
  type LineDecoder,
  type LineDefaults,
  type Source,
} from "../source.ts";

/** Handshakes under way in one stream; hitch itself takes far fewer at a time. */
const MAX_PENDING = 50_000;

const LINE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{6}) \[ *(\d{1,10})\] (.*)$/s;
/** client:port, the backend connection's own port, the two descriptors, and what happened. */
const OF_CONNECTION = /^(\S{1,64}):(\d{1,5}) :\d{1,5} (\d{1,10}:\d{1,10}) (.*)$/s;
const SOCKET_ERROR = /^\{client\} SSL socket error in handshake: (.*)$/s;

/** hitch 1.5 and newer at log-level 2 (SOURCES 1, 3.4, 3.6). */
export const hitchSource: Source = {
  name: "hitch",
  title: "hitch",
  system: "hitch",
  capabilities: {
    unit: "event",
    outcome: "no",
    offer: "no",
    mechanism: "no",
    rejectionReason: "no",
    protocol: "no",
    earlyData: "no",
    handshakeTime: "yes",
    failures: "partly",
    cache: "no",
    keyRotation: "no",
    notes: [
      "hitch does not say whether a handshake resumed, nor its protocol: completed ones count with an unknown outcome.",
      "Handshake time is the difference of two lines of its log, in microseconds; it sees one round trip for every kind.",
      "A client that resets the connection before its ClientHello leaves no line.",
      "Session ids are kept by each worker process alone: with several workers, good ids meet the wrong one and are refused.",
      "Times in the log carry no zone: on a live stream, lines are dated by their arrival.",
    ],
  },
  configurations: [
    {
      title: "To a file, with the agent",
      transport: "agent",
      language: "bash",
      text: `# in hitch.conf
log-level = 2
log-filename = "/var/log/hitch.log"
syslog = off

${agentYaml("hitch", ["/var/log/hitch.log"])}`,
    },
    {
      title: "Send a file's lines",
      transport: "http",
      language: "bash",
      text: "curl -s '{{collector}}/v1/lines/hitch?node=edge-1&region=eu&history=complete' --data-binary @/var/log/hitch.log",
    },
  ],
  recognises: (line) => LINE.test(line),
  decoder: (defaults) => new HitchDecoder(defaults),
};

type Moment = { readonly atMs: number; readonly us: number };
type Pending = { readonly startUs: number };

class HitchDecoder implements LineDecoder {
  readonly #defaults: LineDefaults;
  readonly #pending = new Lru<string, Pending>(MAX_PENDING);
  /** By process: the handshake whose socket error the process's next line names. */
  readonly #broken = new Lru<string, { readonly key: string; readonly client: string }>(MAX_PENDING);

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
  }

  decode(line: string, receivedMs: number): Decoded {
    const match = LINE.exec(line);
    if (!match) return { kind: "refused", reason: "not a line of hitch's log" };
    const [, year, month, day, hour, minute, second, fraction, pid = "", text = ""] = match;
    const seconds = localMs([year, month, day, hour, minute, second]);
    const us = seconds * 1000 + Number(fraction);
    const moment = { us, atMs: isDatedByArrival(this.#defaults) ? receivedMs : Math.round(us / 1000) };
    const connection = OF_CONNECTION.exec(text);
    if (connection) {
      const [, client = "", port, descriptors, event = ""] = connection;
      return this.#event(event, { key: `${pid} ${client} ${port} ${descriptors}`, client, pid }, moment);
    }
    const socketError = SOCKET_ERROR.exec(text);
    if (socketError) return this.#socketError(pid, socketError[1] ?? "", moment);
    if (/^\{core\} Config reloaded\b/.test(text))
      return this.#changed("hitch reloaded its configuration", text, moment);
    if (/^\{core\} hitch \S+ starting$/.test(text)) return this.#changed("hitch started", text, moment);
    return { kind: "ignored", why: "irrelevant" };
  }

  #event(event: string, of: { key: string; client: string; pid: string }, moment: Moment): Decoded {
    const { key, client } = of;
    if (event === "ssl handshake start") this.#pending.set(key, { startUs: moment.us });
    if (event === "ssl client handshake err=SSL_ERROR_SYSCALL") this.#broken.set(of.pid, { key, client });
    if (event === "ssl end handshake") return this.#ended(key, client, moment);
    if (event.startsWith("Handshake failure: "))
      return this.#failed(key, { client, alert: event.slice("Handshake failure: ".length) }, moment);
    // Shut down with its handshake still open, and nothing said of why.
    if (event.startsWith("proxy shutdown ") && this.#pending.get(key))
      return this.#failed(key, { client, alert: "closed during the handshake" }, moment);
    return { kind: "ignored", why: "irrelevant" };
  }

  #ended(key: string, client: string, moment: Moment): Decoded {
    const started = this.#pending.get(key);
    this.#pending.delete(key);
    const handshakeUs = started ? moment.us - started.startUs : null;
    return {
      kind: "handshake",
      handshake: {
        ...this.#place(client, moment),
        outcome: null,
        // Local clocks are set back at times.
        handshakeUs: handshakeUs !== null && handshakeUs >= 0 ? handshakeUs : null,
      },
    };
  }

  #socketError(pid: string, alert: string, moment: Moment): Decoded {
    const broken = this.#broken.get(pid);
    this.#broken.delete(pid);
    if (!broken || !this.#pending.get(broken.key)) return { kind: "ignored", why: "irrelevant" };
    return this.#failed(broken.key, { client: broken.client, alert }, moment);
  }

  #failed(key: string, of: { client: string; alert: string }, moment: Moment): Decoded {
    this.#pending.delete(key);
    const alert = failureText(of.alert);
    return { kind: "handshake", handshake: { ...this.#place(of.client, moment), outcome: "failed", alert } };
  }

  #place(client: string, moment: Moment) {
    const { endpoint, node, region } = this.#defaults;
    return { ...UNKNOWN_HANDSHAKE, atMs: moment.atMs, endpoint, node, region, client };
  }

  #changed(title: string, text: string, { atMs }: Moment): Decoded {
    const { endpoint, node, region } = this.#defaults;
    const detail = text.replace(/^\{core\} /, "");
    const place = { endpoint, node, region };
    return {
      kind: "change",
      change: { kind: "reload", atMs, endMs: null, ...place, title, detail, ref: null, actor: null },
    };
  }
}
