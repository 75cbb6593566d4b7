import { objectOf } from "../fields.ts";
import { decodeWireKey } from "../native/parse-key.ts";
import { nativeSource } from "../native/source.ts";
import type { Decoded, LineDecoder, Source } from "../source.ts";

const CAPTURE = "tcpdump -i any -U -w - 'tcp port 443 or udp port 443'";

/** What `reprise tap` makes of packets: handshakes, and tickets that were issued in the clear. */
export const tapSource: Source = {
  name: "tap",
  title: "Wire tap",
  system: null,
  vantage: "wire",
  capabilities: {
    unit: "connection",
    outcome: "yes",
    offer: "yes",
    mechanism: "yes",
    rejectionReason: "partly",
    protocol: "yes",
    earlyData: "partly",
    handshakeTime: "yes",
    failures: "yes",
    cache: "no",
    keyRotation: "partly",
    notes: [
      "Needs no change to any proxy: it reads packets on the proxy's host, or on a host that its traffic is mirrored to.",
      "Give each server the name that its logs use (--node): a node that has the same name is one node, and its log and the tap are never added up. Where both are connected the log counts; choose the wire on this page if you want accept rates and the log cannot see offers.",
      "Key names are read from tickets of OpenSSL's form, those of other stacks may start with something else; a 32-byte PSK identity is a session that the server keeps itself, and has none. Tickets are issued in the clear up to TLS 1.2 only: with TLS 1.3 a new key shows when a client comes back with it.",
      "A refusal has a reason only where it is certain: the ticket was older than its announced lifetime (expired), or the server works with another key name by now and age cannot be the cause (unknown_key).",
      "Whether early data was accepted is told by the lengths of the client's records; where they do not tell, it is not known.",
      "Alerts are encrypted from the ServerHello on in TLS 1.3. Of a server that refuses a client's certificate afterwards, the handshake counts as completed.",
      "With TLS 1.2 and a client that also speaks TLS 1.3, a refused session id may have been made up; its offer is then not known, unless the session was seen when it began.",
      "QUIC is counted and not seen. Client families are known only for fingerprints that --families names.",
    ],
  },
  configurations: [
    {
      title: "On the proxy's host",
      transport: "http",
      language: "bash",
      text: `# as root, or with CAP_NET_RAW; ends with tcpdump, and drops nothing while the collector is away for a moment
${CAPTURE} |
  npx reprise tap --node edge-1 --region eu \\
  --token {{token}} \\
  --send {{collector}}`,
    },
    {
      title: "Mirrored traffic of several servers",
      transport: "http",
      language: "bash",
      text: `# names.txt: one ADDRESS=NAME or ADDRESS:PORT=NAME a line
tcpdump -i eth1 -U -w - 'net 10.0.0.0/24 and (tcp port 443 or udp port 443)' |
  npx reprise tap $(sed 's/^/--node /' names.txt) --region eu \\
  --token {{token}} \\
  --send {{collector}}`,
    },
    {
      title: "A capture that was made before",
      transport: "http",
      language: "bash",
      text: `npx reprise tap --node edge-1 capture.pcap.gz > handshakes.ndjson   # look at it, then
curl -s {{collector}}/v1/lines/tap --data-binary @handshakes.ndjson`,
    },
  ],
  recognises: (line) => line.startsWith('{"kind":"handshake"') || line.startsWith('{"kind":"key"'),
  decoder: (defaults) => {
    const handshakes = nativeSource.decoder(defaults);
    return { decode: (line, receivedMs) => decodeTapLine(line, receivedMs, handshakes) };
  },
};

function decodeTapLine(line: string, receivedMs: number, handshakes: LineDecoder): Decoded {
  if (!line.startsWith('{"kind":"key"')) return handshakes.decode(line, receivedMs);
  const fields = objectOf(line);
  if (fields === null) return { kind: "refused", reason: "not JSON" };
  const decoded = decodeWireKey(fields);
  if (decoded.kind !== "keyEvent") return decoded;
  return { kind: "refused", reason: "a tap tells uses of keys only, not what was done with them" };
}
