import type { IncomingHttpHeaders } from "node:http";
import type { PointGroups, Producer } from "../../counters/points.ts";
import type { PointPushes } from "../../counters/push.ts";
import type { OtlpMessage } from "../../sources/otlp/values.ts";
import type { HttpProblem } from "../body.ts";
import type { PushAnswer, PushRequest, PushRoute } from "../push-route.ts";
import { encodingOf, exportAnswer, type Rejected, statusAnswer } from "./answers.ts";
import { METRICS_REQUEST } from "./messages.ts";
import { eachPoint, type Measured } from "./metrics.ts";
import { decodeRequest, eachItem } from "./request.ts";
import { resourceOf } from "./resource.ts";

const TRANSPORT = "otlp";
const NAMES = { resources: "resourceMetrics", scopes: "scopeMetrics", items: "metrics" } as const;

/** OTLP/HTTP metrics (opentelemetry-proto, docs/specification.md 1.x), protobuf and JSON. */
export class OtlpMetricsRoute implements PushRoute {
  readonly path = "/v1/metrics";
  readonly codings: readonly string[] = [];
  readonly #points: PointPushes;

  constructor(points: PointPushes) {
    this.#points = points;
  }

  check(headers: IncomingHttpHeaders): void {
    encodingOf(headers);
  }

  async accept({ headers, body, grant }: PushRequest): Promise<PushAnswer> {
    const encoding = encodingOf(headers);
    const groups = this.#points.begin(grant);
    const tally = new Tally(groups);
    const producers = new Map<OtlpMessage, Producer>();
    eachItem(decodeRequest(body, encoding, METRICS_REQUEST), NAMES, (metric, resource) => {
      const producer = producers.get(resource) ?? resourceOf(resource).producer;
      producers.set(resource, producer);
      eachPoint(metric, (measured) => tally.add(measured, producer));
    });
    this.#points.ignored(TRANSPORT, tally.ignored);
    const refused = await this.#points.submit(groups.groups(), TRANSPORT);
    return exportAnswer(encoding, tally.rejected(refused), "rejectedDataPoints");
  }

  refusal(problem: HttpProblem, headers: IncomingHttpHeaders): PushAnswer {
    return statusAnswer(problem, headers);
  }
}

/** What became of the data points of one push. */
class Tally {
  ignored = 0;
  readonly #groups: PointGroups;
  #refused = 0;
  #why = "";

  constructor(groups: PointGroups) {
    this.#groups = groups;
  }

  add(measured: Measured | null, producer: Producer): void {
    const fate = measured && this.#groups.add(measured.point, producer, measured.problem);
    if (fate?.kind === "refused") {
      this.#refused += 1;
      this.#why ||= fate.reason;
    } else if (fate?.kind !== "taken") this.ignored += 1;
  }

  /** With so many more that were refused later. */
  rejected(later: number): Rejected {
    return {
      count: this.#refused + later,
      why: this.#why || "the same counters came with a time out of range, or too many of them",
    };
  }
}
