import { UNKNOWN_HANDSHAKE } from "../../../lib/domain/handshake.ts";
import type { Protocol } from "../../../lib/domain/vocabulary.ts";
import { AddressConnections } from "../address-connections.ts";
import { familyOf } from "../family.ts";
import { type Fields, failureText, keyOf, numberOf, objectOf, textOf } from "../fields.ts";
import type { Decoded, LineDecoder, LineDefaults, Source } from "../source.ts";

/** Caddy closes idle connections after 5 minutes by default: later, an equal address is another connection. */
const IDLE_MS = 300_000;

/** Go's crypto/tls version numbers (RFC 8446 4.2.1). */
const VERSIONS: Readonly<Record<number, Protocol>> = {
  768: "SSLv3",
  769: "TLSv1",
  770: "TLSv1.1",
  771: "TLSv1.2",
  772: "TLSv1.3",
};

/** IANA names of the cipher suites that Go implements. */
const SUITES: Readonly<Record<number, string>> = {
  4865: "TLS_AES_128_GCM_SHA256",
  4866: "TLS_AES_256_GCM_SHA384",
  4867: "TLS_CHACHA20_POLY1305_SHA256",
  49195: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  49196: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  49199: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  49200: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  52392: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  52393: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
};

/** Caddy 2.5 and newer, JSON logs. */
export const caddySource: Source = {
  name: "caddy",
  title: "Caddy",
  system: "caddy",
  capabilities: {
    unit: "request",
    outcome: "yes",
    offer: "no",
    mechanism: "yes",
    rejectionReason: "no",
    protocol: "yes",
    earlyData: "no",
    handshakeTime: "no",
    failures: "partly",
    cache: "no",
    keyRotation: "no",
    notes: [
      "Lines are requests without a connection id; Reprise takes equal client address, port and TLS flags as one connection.",
      "Go resumes by tickets only, so TLS 1.2 means ticket and TLS 1.3 means psk.",
      "Failed handshakes are in the default log at level DEBUG; plain HTTP sent to the TLS port is not.",
    ],
  },
  configurations: [
    {
      title: "Network writer (TCP)",
      transport: "syslog",
      language: "json",
      text: `{
  "logging": {
    "logs": {
      "default": { "level": "DEBUG", "exclude": ["http.log.access"],
        "writer": { "output": "net", "address": "tcp/{{syslog}}" }, "encoder": { "format": "json" } },
      "reprise": { "include": ["http.log.access"],
        "writer": { "output": "net", "address": "tcp/{{syslog}}" }, "encoder": { "format": "json" } }
    }
  }
}`,
    },
  ],
  recognises: (line) => line.startsWith("{") && line.includes('"logger":"') && line.includes('"msg":"'),
  decoder: (defaults) => new CaddyDecoder(defaults),
};

class CaddyDecoder implements LineDecoder {
  readonly #defaults: LineDefaults;
  readonly #connections = new AddressConnections(IDLE_MS);

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
  }

  decode(line: string): Decoded {
    const fields = objectOf(line);
    if (fields === null) return { kind: "refused", reason: "not JSON" };
    const atMs = timeOf(fields.ts);
    if (atMs === null) return { kind: "refused", reason: "ts is neither epoch seconds nor an RFC 3339 time" };
    const message = textOf(fields.msg) ?? "";
    if (message.startsWith("http: TLS handshake error from ")) return this.#failed(message, atMs);
    if (message === "load complete" && fields.logger === "admin.api") return this.#loaded(atMs);
    const request = fields.request;
    if (typeof request !== "object" || request === null) return { kind: "ignored", why: "irrelevant" };
    const { tls } = request as Fields;
    if (typeof tls !== "object" || tls === null) return { kind: "ignored", why: "irrelevant" };
    // The line is written when the request is over; duration leads back to its start.
    return this.#completed(request as Fields, tls as Fields, atMs);
  }

  #completed(request: Fields, tls: Fields, atMs: number): Decoded {
    const version = numberOf(tls.version);
    const protocol = version === null ? null : VERSIONS[version];
    if (protocol === undefined) return { kind: "refused", reason: `TLS version ${version} is not known` };
    const resumed = tls.resumed === true;
    const suite = numberOf(tls.cipher_suite);
    const flags = keyOf(resumed, version, suite, tls.server_name, tls.proto, request.proto);
    const address = keyOf(request.remote_ip, request.remote_port);
    if (this.#connections.isRepeat({ address, flags, startMs: atMs, endMs: atMs }))
      return { kind: "ignored", why: "repeat" };
    const agent = (request.headers as Record<string, unknown> | undefined)?.["User-Agent"];
    return {
      kind: "handshake",
      handshake: {
        ...UNKNOWN_HANDSHAKE,
        atMs,
        ...this.#place(textOf(tls.server_name) ?? hostOf(request.host)),
        family: familyOf(Array.isArray(agent) ? textOf(agent[0]) : textOf(agent)),
        protocol,
        cipher: suite === null ? null : (SUITES[suite] ?? `0x${suite.toString(16).padStart(4, "0")}`),
        outcome: resumed ? "resumed" : "full",
        mechanism: !resumed || protocol === null ? null : protocol === "TLSv1.3" ? "psk" : "ticket",
        client: textOf(request.remote_ip),
      },
    };
  }

  #failed(message: string, atMs: number): Decoded {
    const [, address = "", cause = "unknown"] = /from (\S+?): (.*)$/s.exec(message) ?? [];
    return {
      kind: "handshake",
      handshake: {
        ...UNKNOWN_HANDSHAKE,
        atMs,
        ...this.#place(null),
        outcome: "failed",
        client: address.replace(/:\d+$/, "") || null,
        alert: failureText(cause.replace(/^read tcp \S+: /, "")),
      },
    };
  }

  #loaded(atMs: number): Decoded {
    const place = this.#place(null);
    const title = "Caddy loaded a configuration";
    const change = {
      kind: "config" as const,
      atMs,
      endMs: null,
      ...place,
      title,
      detail: null,
      ref: null,
      actor: null,
    };
    return { kind: "change", change };
  }

  #place(endpoint: string | null) {
    const { node, region } = this.#defaults;
    return { endpoint: endpoint ?? this.#defaults.endpoint, node, region };
  }
}

/** Epoch seconds or RFC 3339 (both are time_format settings of Caddy) in epoch milliseconds. */
function timeOf(value: unknown): number | null {
  const seconds = typeof value === "number" ? numberOf(value) : null;
  if (seconds !== null) return Math.round(seconds * 1000);
  const parsed = Date.parse(textOf(value) ?? "");
  return Number.isNaN(parsed) ? null : parsed;
}

function hostOf(value: unknown): string | null {
  return textOf(value)?.replace(/:\d+$/, "") ?? null;
}
