import { agentYaml } from "../agent-yaml.ts";
import { objectOf } from "../fields.ts";
import type { Decoded, LineDecoder, LineDefaults, Source } from "../source.ts";
import { decodeRecord, LISTS, SSL_COLUMNS } from "./record.ts";
import { ZeekTable } from "./tsv.ts";

/** Zeek 4 and newer, ssl.log as JSON or tab-separated, with ssl-log-ext or without. */
export const zeekSource: Source = {
  name: "zeek",
  title: "Zeek",
  system: "zeek",
  capabilities: {
    unit: "connection",
    outcome: "yes",
    offer: "partly",
    mechanism: "partly",
    rejectionReason: "no",
    protocol: "yes",
    earlyData: "no",
    handshakeTime: "no",
    failures: "yes",
    cache: "no",
    keyRotation: "no",
    notes: [
      "Offers are known for TLS 1.3 only, with policy/protocols/ssl/ssl-log-ext loaded; an external PSK looks like a resumption.",
      "Up to TLS 1.2 a ticket and a session id look alike; without the ticket extension (ssl-log-ext) it was a session id.",
      "A handshake that Zeek saw abandoned counts as failed, with the last alert where there was one. Its time is when the connection was first seen to be TLS.",
      "QUIC and DTLS are left out: Zeek cannot see whether QUIC handshakes were completed.",
      "Where the hellos were not seen (capture loss), full and resumed are not known.",
      "Zeek watches the wire: the node is the server address that it saw (id.resp_h), not the sensor. In front of a balancer that is the balancer's address.",
      "Point it at servers whose own logs are not connected: Reprise cannot know that Zeek and a proxy under another name tell of the same handshakes, and would count them twice.",
      "Log your own servers only (the filter below): Zeek also sees connections that your hosts open to others.",
      "Tab-separated lines need their #fields header, so over syslog only JSON is recognised; after a restart of the collector they are refused until the next header (rotation). JSON has no such gap.",
    ],
  },
  configurations: [
    {
      title: "A log of your own servers, in JSON",
      transport: "agent",
      language: "zeek",
      text: `# local.zeek; Site::local_nets holds your networks (networks.cfg)
@load policy/protocols/ssl/ssl-log-ext

hook reprise_only_own(rec: SSL::Info, id: Log::ID, filter: Log::Filter)
	{
	if ( ! Site::is_local_addr(rec$id$resp_h) )
		break;
	}

event zeek_init()
	{
	Log::add_filter(SSL::LOG, Log::Filter($name="reprise", $path="ssl_reprise",
	    $policy=reprise_only_own, $config=table(["use_json"] = "T")));
	}

${agentYaml("zeek", ["/opt/zeek/logs/current/ssl_reprise.log"])}`,
    },
    {
      title: "The ssl.log as it is",
      transport: "agent",
      language: "zeek",
      text: `# local.zeek
@load policy/protocols/ssl/ssl-log-ext
@load policy/tuning/json-logs        # all logs in JSON; tab-separated works too

${agentYaml("zeek", ["/opt/zeek/logs/current/ssl.log"])}`,
    },
    {
      title: "Send a rotated file",
      transport: "http",
      language: "bash",
      text: `zcat /opt/zeek/logs/2026-01-05/ssl.10:00:00-11:00:00.log.gz |
  curl -s '{{collector}}/v1/lines/zeek?region=eu' --data-binary @-`,
    },
  ],
  recognises: (line) =>
    line.startsWith("{") &&
    ['"uid":"', '"id.resp_h":"', '"established":'].every((part) => line.includes(part)),
  decoder: (defaults) => new ZeekDecoder(defaults),
};

class ZeekDecoder implements LineDecoder {
  readonly #defaults: LineDefaults;
  readonly #table = new ZeekTable();

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
  }

  decode(line: string): Decoded {
    if (line.startsWith("#")) {
      this.#table.header(line);
      return { kind: "ignored", why: "irrelevant" };
    }
    return line.startsWith("{") ? this.#json(line) : this.#row(line);
  }

  #json(line: string): Decoded {
    const fields = objectOf(line);
    if (fields === null) return { kind: "refused", reason: "not JSON" };
    // Unset fields are left out in JSON, but these two always have a value in ssl.log; other logs lack them.
    if (fields.established === undefined || fields.resumed === undefined)
      return { kind: "ignored", why: "irrelevant" };
    return decodeRecord(fields, this.#defaults);
  }

  #row(line: string): Decoded {
    if (this.#table.has(SSL_COLUMNS) === false) return { kind: "ignored", why: "irrelevant" };
    const row = this.#table.row(line, LISTS);
    return row.ok ? decodeRecord(row.fields, this.#defaults) : { kind: "refused", reason: row.reason };
  }
}
