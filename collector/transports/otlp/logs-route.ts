import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Grant } from "../../../lib/domain/source-token.ts";
import type { Clock } from "../../../lib/runtime/clock.ts";
import { Lru } from "../../../lib/runtime/lru.ts";
import type { Metrics } from "../../../lib/runtime/metrics.ts";
import type { Settings } from "../../../lib/runtime/settings.ts";
import type { TenantId, WriteStore } from "../../../lib/store/port.ts";
import type { Intake } from "../../pipeline/intake.ts";
import type { Pipeline } from "../../pipeline/pipeline.ts";
import type { Formats } from "../../sources/formats/configured.ts";
import { type Batch, Batches } from "../batches.ts";
import type { HttpProblem } from "../body.ts";
import type { PushAnswer, PushRequest, PushRoute } from "../push-route.ts";
import { encodingOf, exportAnswer, type Rejected, statusAnswer } from "./answers.ts";
import { LogPush, LogStreams } from "./logs.ts";
import { LOGS_REQUEST } from "./messages.ts";
import { decodeRequest, eachItem } from "./request.ts";

const NAMES = { resources: "resourceLogs", scopes: "scopeLogs", items: "logRecords" } as const;
/** Decoded pushes kept because their commit failed. */
const MAX_UNSAVED = 16;
const NOTHING_REJECTED: Rejected = { count: 0, why: "" };

export type OtlpLogsOptions = {
  readonly tenant: TenantId;
  readonly pipeline: Pick<Pipeline, "submit">;
  readonly store: Pick<WriteStore, "findBatch">;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly formats: Formats;
  readonly settings: Pick<Settings, "maxLineBytes" | "maxPastMs" | "maxFutureMs">;
};

/**
 * OTLP/HTTP logs (opentelemetry-proto, docs/specification.md 1.x), protobuf and JSON. OTLP has no id of a batch, but its
 * senders repeat a push byte for byte: so a body that was taken before counts once.
 */
export class OtlpLogsRoute implements PushRoute {
  readonly path = "/v1/logs";
  readonly codings: readonly string[] = [];
  readonly #options: OtlpLogsOptions;
  readonly #streams: LogStreams;
  readonly #batches: Batches;
  // Decoders have moved on once they have read a push: read again, its connections would be taken for known ones.
  readonly #unsaved = new Lru<string, LogPush>(MAX_UNSAVED);

  constructor(options: OtlpLogsOptions) {
    this.#options = options;
    this.#streams = new LogStreams(options.formats);
    this.#batches = new Batches(options.store, options.tenant);
  }

  check(headers: IncomingHttpHeaders): void {
    encodingOf(headers);
  }

  async accept({ headers, body, grant }: PushRequest): Promise<PushAnswer> {
    const encoding = encodingOf(headers);
    const digest = createHash("sha256").update(body).digest("hex");
    const batch = { key: `otlp logs ${digest}`, digest };
    const rejected = await this.#batches.once(batch, {
      run: () =>
        this.#ingest(batch, grant, () => this.#read(decodeRequest(body, encoding, LOGS_REQUEST), grant)),
      again: () => NOTHING_REJECTED,
    });
    return exportAnswer(encoding, rejected, "rejectedLogRecords");
  }

  refusal(problem: HttpProblem, headers: IncomingHttpHeaders): PushAnswer {
    return statusAnswer(problem, headers);
  }

  #read(request: Parameters<typeof eachItem>[0], grant: Grant): LogPush {
    const push = new LogPush(this.#streams, this.#options, grant);
    eachItem(request, NAMES, (record, resource) => push.add(record, resource));
    return push;
  }

  async #ingest(batch: Batch, grant: Grant, read: () => LogPush): Promise<Rejected> {
    // Another sender may write other things, so that what was made of the same bytes is not the same.
    const key = `${grant.by} ${batch.key}`;
    const push = this.#unsaved.get(key) ?? read();
    this.#unsaved.set(key, push);
    await this.#submit(push.intakes(), batch);
    this.#unsaved.delete(key);
    this.#options.metrics.events.inc({ source: "otlp", result: "ignored" }, push.ignored);
    return push.rejected();
  }

  /** All in one turn, so that they are of one commit: the batch is known if and only if all of it is. */
  async #submit(intakes: readonly Intake[], batch: Batch): Promise<void> {
    await Promise.all(
      intakes.map((intake, index) => this.#options.pipeline.submit(intake, index === 0 ? batch : null)),
    );
  }
}
