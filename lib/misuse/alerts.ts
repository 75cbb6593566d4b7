import { Course } from "../stats/course.ts";
import type { FindingBook } from "./book.ts";
import { Places } from "./sums.ts";

const MOST_PLACES = 1_000;
const MOST_ALERTS = 2_000;
/** Steps (minutes with handshakes) that have to be learnt before one is judged. */
const LEARN_STEPS = 30;
/** What makes a spike: so many in a step, so many times the usual share, and ln of the chance. */
const LEAST_ALERTS = 20;
const LEAST_TIMES = 4;
const LOG_CHANCE = Math.log(1e-7);

type Alert = { readonly course: Course; count: number; node: string | null; manyNodes: boolean };

/** TLS alerts far above their usual share of an endpoint's handshakes, counts being over-dispersed. */
export class AlertRule {
  readonly #handshakes = new Places<{ count: number }>(MOST_PLACES, () => ({ count: 0 }));
  readonly #alerts = new Places<Alert>(MOST_ALERTS, () => ({
    course: new Course({ k: 0.5, n: 500 }),
    count: 0,
    node: null,
    manyNodes: false,
  }));
  readonly #book: FindingBook;

  constructor(book: FindingBook) {
    this.#book = book;
  }

  handshake(endpoint: string | null, count: number): void {
    this.#handshakes.of(endpoint ?? "").count += count;
  }

  alert(
    at: { readonly endpoint: string | null; readonly node: string | null },
    name: string,
    count: number,
  ): void {
    const alert = this.#alerts.of(`${at.endpoint ?? ""}\0${name}`);
    if (alert.count === 0) Object.assign(alert, { node: at.node, manyNodes: false });
    else if (alert.node !== at.node) alert.manyNodes = true;
    alert.count += count;
  }

  tick(nowMs: number): void {
    this.#handshakes.prune((one) => one.count === 0);
    this.#alerts.prune((one) => one.count === 0);
    for (const [key, alert] of this.#alerts.entries()) {
      const [endpoint = "", name = ""] = key.split("\0");
      const n = Math.max(alert.count, this.#handshakes.of(endpoint).count);
      if (n === 0) continue;
      if (isSpike(alert, n))
        this.#report({ endpoint: endpoint || null, name, n, usual: alert.course.usual }, alert, nowMs);
      alert.course.learn({ k: alert.count, n });
      alert.count = 0;
    }
    for (const [, handshakes] of this.#handshakes.entries()) handshakes.count = 0;
  }

  #report(
    of: {
      readonly endpoint: string | null;
      readonly name: string;
      readonly n: number;
      readonly usual: number;
    },
    alert: Alert,
    nowMs: number,
  ): void {
    const node = alert.manyNodes ? null : alert.node;
    this.#book.report({
      kind: "alert_spike",
      key: `${of.endpoint}\0${of.name}`,
      severity: "medium",
      endpoint: of.endpoint,
      node,
      atMs: nowMs,
      times: alert.count,
      title: `"${of.name.slice(0, 80)}" far more often than usual`,
      evidence: [
        { label: "In a minute", value: `${alert.count} of ${of.n} handshakes` },
        { label: "Usual", value: `${(of.usual * 100).toFixed(2)} % of handshakes` },
        { label: "Node", value: node ?? (alert.manyNodes ? "several" : "not known") },
      ],
    });
  }
}

function isSpike({ course, count }: Alert, n: number): boolean {
  if (count < LEAST_ALERTS || count / n <= LEAST_TIMES * course.usual || course.steps < LEARN_STEPS)
    return false;
  return course.logTail({ k: count, n }) < LOG_CHANCE;
}
