import type { TapCounts } from "./tap.ts";

/** What was counted, in a few lines for people; what was never seen is left out. */
export function summaryText(counts: TapCounts): string {
  const { packets, flows, handshakes, full, resumed, failed, keysIssued } = counts;
  const lines = [
    `${count(packets, "packet")}, ${count(flows, "connection")}`,
    `${count(handshakes, "handshake")}: ${full} full, ${resumed} resumed, ${failed} failed; ${count(keysIssued, "ticket")} issued in the clear`,
    ...REMARKS.flatMap(([name, text]) => (counts[name] > 0 ? [`${counts[name]} ${text}`] : [])),
  ];
  return `${lines.join("\n")}\n`;
}

const REMARKS: readonly (readonly [keyof TapCounts, string])[] = [
  ["missing", "handshakes not told: parts of them are not in the capture"],
  ["unfinished", "handshakes not told: not over within a minute, or when the capture ended"],
  ["evicted", "handshakes not told: too many at the same time"],
  ["malformed", "connections given up: no sound TLS"],
  ["notTls", "connections without TLS"],
  ["quicFlows", "QUIC connections, whose handshakes are not seen"],
  ["cutPackets", "packets cut short by the snapshot length"],
  ["fragments", "IP fragments, not put together"],
  ["malformedPackets", "packets that cannot be read"],
  ["otherPackets", "packets of other protocols"],
];

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
