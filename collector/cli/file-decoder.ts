import { Lru } from "../../lib/runtime/lru.ts";
import type { Decoded, LineDecoder, LineDefaults } from "../sources/source.ts";
import { parseSyslogMessage } from "../transports/syslog-message.ts";

/** Hosts of one file whose connections are remembered; a central log may hold many. */
const MAX_HOSTS = 1_024;

/**
 * Decodes the lines of a file. Syslog headers are taken off, and the hosts in them are nodes with a stream each: process
 * and connection numbers of two hosts are often the same.
 */
export class FileDecoder {
  readonly #make: (defaults: LineDefaults) => LineDecoder;
  readonly #defaults: LineDefaults;
  readonly #plain: LineDecoder;
  readonly #byHost = new Lru<string, LineDecoder>(MAX_HOSTS);

  constructor(make: (defaults: LineDefaults) => LineDecoder, defaults: LineDefaults) {
    this.#make = make;
    this.#defaults = defaults;
    this.#plain = make(defaults);
  }

  /** What a line turned into, and its text without the header. */
  decode(line: string, nowMs: number): { readonly decoded: Decoded; readonly text: string } {
    const message = parseSyslogMessage(line);
    const text = message?.text ?? line;
    return { decoded: this.#decoderOf(message?.host ?? null).decode(text, nowMs), text };
  }

  #decoderOf(host: string | null): LineDecoder {
    if (host === null) return this.#plain;
    const decoder = this.#byHost.get(host) ?? this.#make({ ...this.#defaults, node: host });
    this.#byHost.set(host, decoder);
    return decoder;
  }
}
