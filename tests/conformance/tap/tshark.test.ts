import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { captureOf, RECORDED, tapped } from "../../support/captures.ts";
import { hasProgram } from "../../support/process.ts";

const FIELDS = {
  stream: "tcp.stream",
  type: "tls.handshake.type",
  identities: "tls.handshake.extensions.psk.identity.identity",
  selected: "tls.handshake.extensions.psk.identity.selected",
  ticket: "tls.handshake.session_ticket",
  hint: "tls.handshake.session_ticket_lifetime_hint",
  extension: "tls.handshake.extension.type",
  ticketData: "tls.handshake.extension.data",
  sessionId: "tls.handshake.session_id",
  serverName: "tls.handshake.extensions_server_name",
  cipher: "tls.handshake.ciphersuite",
  versions: "tls.handshake.extensions.supported_version",
  legacy: "tls.handshake.version",
  group: "tls.handshake.extensions_key_share_group",
  curve: "tls.handshake.server_named_curve",
  alert: "tls.alert_message.desc",
  random: "tls.handshake.random",
} as const;
type Field = keyof typeof FIELDS;
type Row = Readonly<Record<Field, readonly string[]>>;

const folder = mkdtempSync(join(tmpdir(), "reprise-tshark-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every packet with a handshake message or an alert in the clear, its fields as tshark names them. */
function rowsOf(name: string): Row[] {
  const file = join(folder, `${name}.pcap`);
  writeFileSync(file, captureOf(name));
  const names = Object.keys(FIELDS) as Field[];
  const words = [
    ...["-r", file, "-n", "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=;"],
    ...[8443, 18443, 18444].flatMap((port) => ["-d", `tcp.port==${port},tls`]),
    ...["-Y", "tls.handshake.type || tls.alert_message.desc"],
    ...names.flatMap((field) => ["-e", FIELDS[field]]),
  ];
  const text = execFileSync("tshark", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const cells = line.split("\t");
      return Object.fromEntries(
        names.map((field, index) => [field, cells[index] ? cells[index].split(";") : []]),
      ) as unknown as Row;
    });
}

const RETRY = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c";
const PROTOCOLS: Readonly<Record<string, string>> = { "0x0303": "TLSv1.2", "0x0304": "TLSv1.3" };
const CIPHERS: Readonly<Record<string, string>> = {
  "0x1301": "TLS_AES_128_GCM_SHA256",
  "0x1302": "TLS_AES_256_GCM_SHA384",
  "0xc02c": "ECDHE-ECDSA-AES256-GCM-SHA384",
};
const GROUPS: Readonly<Record<string, string>> = {
  "29": "X25519",
  "0x001d": "X25519",
  "23": "prime256v1",
  "0x0017": "prime256v1",
};
const ALERTS: Readonly<Record<string, string>> = { "40": "handshake_failure", "48": "unknown_ca" };

/** What a connection was, by the rules of the RFCs, from tshark's fields alone. */
function connectionOf(rows: readonly Row[]) {
  const hello = rows.find((row) => row.type.includes("1"));
  const answers = rows.filter((row) => row.type.includes("2"));
  const answer = answers.findLast((row) => !row.random.includes(RETRY));
  const psk = hello?.identities[0] ?? null;
  const isTls13 = answer?.versions.includes("0x0304") ?? false;
  const isEchoed = answer?.sessionId[0] !== undefined && answer.sessionId[0] === hello?.sessionId[0];
  const isResumed = isTls13 ? (answer?.selected.length ?? 0) > 0 : isEchoed;
  const alert = rows.flatMap((row) => row.alert).find((desc) => ALERTS[desc] !== undefined);
  const issued = rows.find((row) => row.ticket.length > 0);
  const curve = rows.find((row) => row.curve.length > 0)?.curve[0];
  const group = isTls13 ? answer?.group[0] : curve;
  // In a packet that also asks for more, tshark lists the hello's extension first.
  const ticket = hello?.extension.includes("35") ? (hello.ticketData[0] ?? null) : null;
  // What is empty, it calls missing.
  const offered = psk ?? (ticket !== null && /^[0-9a-f]+$/.test(ticket) ? ticket : null);
  return {
    serverName: hello?.serverName[0] ?? null,
    protocol: answer ? PROTOCOLS[isTls13 ? "0x0304" : (answer.legacy[0] ?? "")] : null,
    cipher: answer ? CIPHERS[answer.cipher[0] ?? ""] : null,
    group: group === undefined ? null : GROUPS[group],
    outcome: alert ? "failed" : isResumed ? "resumed" : "full",
    offer: psk
      ? "psk"
      : offered
        ? "ticket"
        : !hello?.versions.length && hello?.sessionId[0]
          ? "session_id"
          : "none",
    // Name, vector and seal are 64 bytes.
    keyName: offered && offered.length > 128 ? offered.slice(0, 32) : null,
    retried: rows.some((row) => row.random.includes(RETRY)),
    alert: alert ? ALERTS[alert] : null,
    issued: issued ? [issued.ticket[0]?.slice(0, 32), Number(issued.hint[0])] : null,
  };
}

it.skipIf(!hasProgram("tshark")).each([...RECORDED, "openssl"])(
  "%s: every field as tshark has it",
  (name) => {
    const streams = [...Map.groupBy(rowsOf(name), (row) => row.stream[0]).values()];
    const expected = streams.filter((rows) => rows.some((row) => row.type.includes("1"))).map(connectionOf);
    const { handshakes, keys } = tapped(captureOf(name));
    expect(handshakes.length).toBeGreaterThan(1);
    const byTime = new Map(keys.map((key) => [key.ts, [key.keyName, key.lifetimeHintS ?? 0]]));
    expect(
      handshakes.map((h) => ({
        serverName: h.endpoint,
        ...{ protocol: h.protocol, cipher: h.cipher, group: h.group, outcome: h.outcome, offer: h.offer },
        ...{ keyName: h.keyName, retried: h.helloRetry, alert: h.alert, issued: byTime.get(h.ts) ?? null },
      })),
    ).toEqual(expected);
  },
);
