import type { Grant } from "../../../lib/domain/source-token.ts";
import type { Clock } from "../../../lib/runtime/clock.ts";
import { Lru } from "../../../lib/runtime/lru.ts";
import type { Settings } from "../../../lib/runtime/settings.ts";
import { emptyIntake, type Intake, type TimeWindow, take } from "../../pipeline/intake.ts";
import type { Formats } from "../../sources/formats/configured.ts";
import { RecordDecoder, tellsOfHandshake, timeOf } from "../../sources/otlp/record.ts";
import { otlpSource } from "../../sources/otlp/source.ts";
import { attributesOf, type OtlpMessage, plainOf, textAmong } from "../../sources/otlp/values.ts";
import { findSource, recogniseSource } from "../../sources/registry.ts";
import { type Decoded, type LineDecoder, logOrigin, type Source } from "../../sources/source.ts";
import { parseSyslogMessage } from "../syslog-message.ts";
import type { Rejected } from "./answers.ts";
import { type Resource, resourceOf } from "./resource.ts";

/** Streams of log lines remembered, so that a connection's later requests are known across pushes. */
const MAX_STREAMS = 1_024;
/** Longest name of a source that is shown again. */
const SHOWN = 60;
const TRANSPORT = "otlp";

export type LogPushOptions = {
  readonly clock: Clock;
  readonly settings: Pick<Settings, "maxLineBytes" | "maxPastMs" | "maxFutureMs">;
};

/** What is remembered of the streams of log records, over all pushes. */
export class LogStreams {
  readonly #formats: Formats;
  readonly #lines = new Lru<string, LineDecoder>(MAX_STREAMS);
  readonly #records = new Lru<string, RecordDecoder>(MAX_STREAMS);

  constructor(formats: Formats) {
    this.#formats = formats;
  }

  /** The source whose lines look like this one. */
  recognise(line: string): Source | undefined {
    return recogniseSource(line) ?? this.#formats.recogniseSource(line);
  }

  /** The decoder of a resource's lines of one log. */
  lines(source: Source, { producer }: Resource): LineDecoder {
    const { endpoint, node, region, process } = producer;
    return known(this.#lines, [source.name, endpoint, node, region, process], () =>
      this.#formats.decoder(source, { endpoint, node, region, live: true }),
    );
  }

  /** The decoder of a resource's records with TLS attributes. */
  records({ producer }: Resource): RecordDecoder {
    const { endpoint, node, region, process } = producer;
    return known(
      this.#records,
      [endpoint, node, region, process],
      () => new RecordDecoder({ endpoint, node, region, live: true }),
    );
  }
}

function known<T>(streams: Lru<string, T>, parts: readonly (string | null)[], make: () => T): T {
  const key = JSON.stringify(parts);
  const decoder = streams.get(key) ?? make();
  streams.set(key, decoder);
  return decoder;
}

type LogRecord = {
  readonly record: OtlpMessage;
  readonly resource: Resource;
  readonly index: number;
  /** The body where it is text, else "". */
  readonly line: string;
};

/** The records of one push, by source and sender: handshakes by their attributes, or lines of a known log. */
export class LogPush {
  ignored = 0;
  readonly #streams: LogStreams;
  readonly #window: TimeWindow;
  readonly #maxLineBytes: number;
  readonly #grant: Grant;
  readonly #intakes = new Map<string, Intake>();
  readonly #resources = new Map<OtlpMessage, Resource>();
  #records = 0;

  constructor(streams: LogStreams, { clock, settings }: LogPushOptions, grant: Grant) {
    this.#grant = grant;
    const { maxPastMs, maxFutureMs, maxLineBytes } = settings;
    this.#streams = streams;
    this.#window = { nowMs: clock(), maxPastMs, maxFutureMs };
    this.#maxLineBytes = maxLineBytes;
  }

  /** Takes one record of a resource. Throws NotOtlp where the JSON is no record. */
  add(record: OtlpMessage, parent: OtlpMessage): void {
    const resource = this.#resources.get(parent) ?? resourceOf(parent);
    this.#resources.set(parent, resource);
    const body = plainOf(record.body);
    const line = typeof body === "string" ? body.replace(/[\r\n]+$/, "") : "";
    const one = { record, resource, index: this.#records, line };
    this.#records += 1;
    const attributes = attributesOf(record);
    const named = textAmong(attributes, "reprise.source") ?? textAmong(resource.attributes, "reprise.source");
    if (named !== null) this.#takeNamed(named, one);
    else if (tellsOfHandshake(attributes)) {
      const decoded = this.#streams.records(resource).decodeRecord(record, this.#window.nowMs);
      this.#take(otlpSource, decoded, one);
    } else {
      const source = line.length > this.#maxLineBytes ? undefined : this.#streams.recognise(line);
      if (source) this.#take(source, this.#decodeLine(source, one), one);
      else this.ignored += 1;
    }
  }

  /** What there is to commit: nothing for records that are all ignored. */
  intakes(): Intake[] {
    return [...this.#intakes.values()];
  }

  rejected(): Rejected {
    const intakes = this.intakes();
    return {
      count: intakes.reduce((sum, { rejected }) => sum + rejected, 0),
      why: intakes.flatMap(({ errors }) => errors)[0]?.reason ?? "",
    };
  }

  #takeNamed(name: string, one: LogRecord): void {
    const source = findSource(name);
    if (source && source !== otlpSource) this.#take(source, this.#decodeLine(source, one), one);
    else {
      const reason = `reprise.source must name the source of a log, not "${name.slice(0, SHOWN)}"`;
      this.#take(otlpSource, { kind: "refused", reason }, one);
    }
  }

  #decodeLine(source: Source, { record, resource, line }: LogRecord): Decoded {
    if (line === "") return { kind: "refused", reason: "the body is no text" };
    if (line.length > this.#maxLineBytes)
      return { kind: "refused", reason: `the line is longer than ${this.#maxLineBytes} bytes` };
    const text = parseSyslogMessage(line)?.text ?? line;
    return this.#streams.lines(source, resource).decode(text, timeOf(record) ?? this.#window.nowMs);
  }

  #take(source: Source, decoded: Decoded, { resource, index, line }: LogRecord): void {
    const { sender } = resource.producer;
    const key = JSON.stringify([source.name, sender]);
    const intake =
      this.#intakes.get(key) ??
      emptyIntake({ source: source.name, transport: TRANSPORT, sender }, logOrigin(source), this.#grant);
    this.#intakes.set(key, intake);
    take(intake, decoded, { index, line, window: this.#window });
  }
}
