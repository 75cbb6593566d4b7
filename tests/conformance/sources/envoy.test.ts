import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { envoySource } from "../../../collector/sources/envoy/source.ts";
import { decodeAll, handshake, IRRELEVANT, REPEAT, writtenLines } from "./lines.ts";

const NODE = { node: "edge-1" } as const;
const TLS13 = { protocol: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" } as const;
const TLS12 = { protocol: "TLSv1.2", cipher: "ECDHE-RSA-AES128-GCM-SHA256" } as const;

describe("Envoy", () => {
  it("one handshake for each connection, neither full nor resumed, with its time and failure", () => {
    expect(decodeAll(envoySource, writtenLines("envoy.log"))).toEqual([
      // Dated by the end of the handshake: connection start + 3 ms.
      handshake("2026-01-05T10:00:00.123Z", {
        ...NODE,
        ...TLS13,
        endpoint: "www.example.test",
        outcome: null,
        handshakeUs: 1790,
        client: "203.0.113.7",
      }),
      // Values as text, no peer, keys that nobody asked for.
      handshake("2026-01-05T10:00:00.123Z", {
        ...NODE,
        ...TLS13,
        endpoint: "www.example.test",
        outcome: null,
        handshakeUs: 1843,
      }),
      // A release without DS_HS_BEG: from accept on, in whole milliseconds. No server name: the sender's.
      handshake("2026-01-05T10:00:01.005Z", {
        ...NODE,
        ...TLS12,
        endpoint: "given",
        outcome: null,
        handshakeUs: 5000,
        client: "2001:db8::7",
      }),
      // The version of a handshake without a cipher is a placeholder.
      handshake("2026-01-05T10:00:02.000Z", {
        ...NODE,
        endpoint: "www.example.test",
        outcome: "failed",
        client: "203.0.113.8",
        alert: "no shared cipher",
      }),
      handshake("2026-01-05T10:00:03.000Z", {
        ...NODE,
        ...TLS13,
        endpoint: "www.example.test",
        outcome: "failed",
        client: "203.0.113.8",
        alert: "tlsv1 alert unknown ca",
      }),
      // The client went away in between: no reason, and no end of the handshake either.
      handshake("2026-01-05T10:00:04.000Z", {
        ...NODE,
        ...TLS13,
        endpoint: "www.example.test",
        outcome: "failed",
        client: "203.0.113.8",
      }),
      IRRELEVANT,
      // Id 8122 again after a restart: another peer, another connection. No duration below 0, no name that is no host.
      handshake("2026-01-05T11:00:00.004Z", {
        ...NODE,
        ...TLS13,
        endpoint: "given",
        outcome: null,
        client: "203.0.113.10",
      }),
      handshake("2026-01-05T11:00:01.000Z", {
        ...NODE,
        protocol: "TLSv1.3",
        cipher: "TLS_AES_256_GCM_SHA384",
        endpoint: "shop.example.test",
        family: "curl",
        outcome: null,
        handshakeUs: 2500,
        client: "203.0.113.11",
      }),
      REPEAT,
      handshake("2026-01-05T11:00:03.586Z", {
        ...NODE,
        ...TLS12,
        endpoint: "shop.example.test",
        outcome: null,
        handshakeUs: 86_000,
        client: "203.0.113.12",
      }),
      handshake("2026-01-05T11:00:04.000Z", {
        ...NODE,
        endpoint: "given",
        outcome: "failed",
        client: "203.0.113.12",
        alert: "wrong version number",
      }),
      // Quotes and words of a user agent are no fields.
      handshake("2026-01-05T11:00:05.000Z", {
        ...NODE,
        ...TLS13,
        endpoint: "shop.example.test",
        family: "firefox",
        outcome: null,
        handshakeUs: 990,
        client: "203.0.113.13",
      }),
      IRRELEVANT,
    ]);
  });

  it("refuses what it cannot read, with the reason", () => {
    const reasons = decodeAll(envoySource, [
      "{",
      '{"start":"yesterday","cx":1,"tls":"TLSv1.3"}',
      '{"start":"2026-01-05T10:00:00.000Z","cx":null,"tls":"TLSv1.3","cipher":"x"}',
      '{"start":"2026-01-05T10:00:00.000Z","cx":1,"tls":"TLSv9","cipher":"x"}',
    ]).map((decoded) => (decoded.kind === "refused" ? decoded.reason : decoded.kind));
    expect(reasons).toEqual([
      "neither JSON nor the text format of Reprise",
      "start is no ISO 8601 time",
      "cx (%CONNECTION_ID%) is missing",
      'protocol must be one of SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3, not "TLSv9"',
    ]);
  });
});

type Format = {
  readonly json_format?: Readonly<Record<string, string>>;
  readonly text_format_source?: { readonly inline_string: string };
};
type Listener = {
  readonly access_log: readonly { readonly typed_config: { readonly log_format: Format } }[];
};

/** What Envoy would write for the operators of a format. */
const OPERATORS: Readonly<Record<string, string>> = {
  "%START_TIME%": "2026-01-05T10:00:00.000Z",
  "%CONNECTION_ID%": "7",
  "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%": "203.0.113.7:51341",
  "%DOWNSTREAM_TLS_VERSION%": "TLSv1.3",
  "%DOWNSTREAM_TLS_CIPHER%": "TLS_AES_128_GCM_SHA256",
  "%REQUESTED_SERVER_NAME%": "www.example.test",
  "%COMMON_DURATION(DS_HS_BEG:DS_HS_END:us)%": "1843",
  "%DOWNSTREAM_HANDSHAKE_DURATION%": "2",
  "%DOWNSTREAM_TRANSPORT_FAILURE_REASON%": "-",
  "%REQ(USER-AGENT)%": "curl/8.5.0",
};
const written = (format: string): string =>
  format.replace(/%[A-Z][^%]*%/g, (operator) => {
    const value = OPERATORS[operator];
    if (value === undefined) throw new Error(`no such operator in the documentation: ${operator}`);
    return value;
  });

const FILLED: Readonly<Record<string, string>> = {
  collector: "http://127.0.0.1:4319",
  syslog_host: "192.0.2.1",
  syslog_port: "5514",
};
const parsed = (text: string): unknown =>
  parse(text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => FILLED[name] ?? ""));

/** A line as Envoy would write it by a configuration, and whether a listener writes it. */
function lineOf(configuration: string): { line: string; ofListener: boolean } {
  const document = parsed(configuration);
  const [holder] = (Array.isArray(document) ? document : [document]) as Listener[];
  const format = holder?.access_log[0]?.typed_config.log_format ?? {};
  const ofListener = Array.isArray(document);
  if (!format.json_format)
    return { line: written(format.text_format_source?.inline_string ?? ""), ofListener };
  const values = Object.entries(format.json_format).map(([key, operator]) => [key, written(operator)]);
  return { line: `${JSON.stringify(Object.fromEntries(values))}\n`, ofListener };
}

describe("Envoy's configurations", () => {
  const logging = envoySource.configurations.filter(({ language }) => language === "yaml");

  it.each(logging)("$title: what it makes Envoy write", ({ text }) => {
    const [envoy = ""] = text.split("# agent.yaml");
    const { line, ofListener } = lineOf(envoy);
    expect(line.endsWith("\n")).toBe(true);
    expect(envoySource.recognises(line)).toBe(true);
    expect(decodeAll(envoySource, [line.trimEnd()])).toEqual([
      handshake(ofListener ? "2026-01-05T10:00:00.002Z" : "2026-01-05T10:00:00.000Z", {
        ...NODE,
        ...TLS13,
        endpoint: "www.example.test",
        family: ofListener ? null : "curl",
        outcome: null,
        handshakeUs: 1843,
        client: "203.0.113.7",
      }),
    ]);
  });

  it.each(logging.filter(({ transport }) => transport === "agent"))(
    "$title: the agent's part",
    ({ text }) => {
      const yaml = `# agent.yaml${text.split("# agent.yaml")[1]}`;
      // The page leaves out lines about a token where none is needed.
      expect(parsed(yaml.replace(/^token: .*\n/m, ""))).toEqual({
        collector: FILLED.collector,
        node: "edge-1",
        region: "eu",
        files: [{ source: "envoy", path: "/var/log/envoy/reprise.log" }],
      });
    },
  );
});
