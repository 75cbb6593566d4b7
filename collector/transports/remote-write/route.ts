import type { IncomingHttpHeaders } from "node:http";
import type { Clock } from "../../../lib/runtime/clock.ts";
import type { Settings } from "../../../lib/runtime/settings.ts";
import type { CounterState } from "../../../lib/store/port.ts";
import type { PointPushes } from "../../counters/push.ts";
import { HttpProblem } from "../body.ts";
import { mediaType, type PushAnswer, type PushRequest, type PushRoute } from "../push-route.ts";
import { Assembly } from "./assembly.ts";
import { producerOf } from "./producer.ts";
import { unsnap } from "./snappy.ts";
import { decodeWriteRequest } from "./write-request.ts";

const TRANSPORT = "remote_write";
const NO_CONTENT: PushAnswer = { status: 204, contentType: null, body: "" };

export type RemoteWriteOptions = {
  readonly points: PointPushes;
  /** Last totals that the store kept (`readCounters`). */
  readonly states: readonly CounterState[];
  readonly clock: Clock;
  readonly settings: Pick<Settings, "maxInflatedBytes">;
};

/**
 * Prometheus remote write 1.0 (prometheus.io/docs/specs/remote_write_spec): Snappy and protobuf. Prometheus tries again
 * after 5xx, and after 429 where told to; everything else is lost to it, so a sample that cannot be used is no failure.
 */
export class RemoteWriteRoute implements PushRoute {
  readonly path = "/api/v1/write";
  readonly codings: readonly string[] = ["snappy"];
  readonly #options: RemoteWriteOptions;
  readonly #assembly: Assembly;

  constructor(options: RemoteWriteOptions) {
    this.#options = options;
    this.#assembly = new Assembly(options.states, options.clock());
  }

  check(headers: IncomingHttpHeaders): void {
    const version = headers["x-prometheus-remote-write-version"];
    if (typeof version === "string" && /^2/.test(version.trim())) throw versionTwo();
    if (/proto\s*=\s*"?io\.prometheus\.write\.v2\./.test(headers["content-type"] ?? "")) throw versionTwo();
    if (mediaType(headers) !== "application/x-protobuf")
      throw new HttpProblem(415, "content-type must be application/x-protobuf");
    if ((headers["content-encoding"] ?? "").trim().toLowerCase() !== "snappy")
      throw new HttpProblem(415, "content-encoding must be snappy");
  }

  async accept({ query, body, grant }: PushRequest): Promise<PushAnswer> {
    const { points, clock, settings } = this.#options;
    const groups = points.begin(grant);
    let ignored = 0;
    for (const series of decodeWriteRequest(unsnap(body, settings.maxInflatedBytes))) {
      const producer = producerOf(series, query);
      const { name } = series;
      // A node in the address stands above the labels of the target.
      const node = query.get("node");
      const labels = node === null ? series.labels : { ...series.labels, node };
      for (const { value, atMs } of series.samples) {
        const point = { name, labels, value, atMs, kind: "total" as const, startedMs: null };
        if (groups.add(point, producer).kind === "ignored") ignored += 1;
      }
    }
    points.ignored(TRANSPORT, ignored);
    await points.submit(this.#assembly.take(groups.groups(), clock()), TRANSPORT);
    return NO_CONTENT;
  }

  refusal(problem: HttpProblem): PushAnswer {
    // Prometheus logs the first line of the body.
    return { status: problem.status, contentType: "text/plain; charset=utf-8", body: `${problem.message}\n` };
  }
}

function versionTwo(): HttpProblem {
  return new HttpProblem(
    415,
    "this collector takes remote write 1.0 (prometheus.WriteRequest); set protobuf_message to it",
  );
}
