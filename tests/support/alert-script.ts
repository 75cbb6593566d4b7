import pino from "pino";
import { z } from "zod";
import { Evaluator } from "../../collector/alerting/evaluator.ts";
import { Sender } from "../../collector/alerting/sender.ts";
import type { Notifier, SendResult } from "../../collector/notify/notifier.ts";
import { DEFAULT_RULES } from "../../lib/alerting/defaults.ts";
import type { AlertMessage } from "../../lib/alerting/message.ts";
import { alertRoute } from "../../lib/domain/alert-routing.ts";
import { alertRule } from "../../lib/domain/alert-rule.ts";
import { DEFAULT_COSTS } from "../../lib/domain/cost.ts";
import { makeMetrics } from "../../lib/runtime/metrics.ts";
import { Seal, sealedFor } from "../../lib/runtime/secret.ts";
import type { StoredIncident } from "../../lib/store/port-incidents.ts";
import { type StoredFleet, storedFleet, type Told } from "./stored.ts";

export const MINUTE_MS = 60_000;
export const START_MS = Date.UTC(2026, 10, 24, 12, 0, 0);
const STEP_MS = 15_000;

/** What a receiver was told, in minutes since the start. */
export type Heard = { readonly minute: number; readonly message: AlertMessage };
type Expected = {
  readonly from: number;
  readonly to: number;
  readonly reason: AlertMessage["reason"];
  readonly matching: (message: AlertMessage) => boolean;
};

/** One message within [from, to] minutes. */
export const between = (from: number, to: number) => ({
  told: (
    reason: AlertMessage["reason"],
    matching: (message: AlertMessage) => boolean = () => true,
  ): Expected => ({
    ...{ from, to, reason, matching },
  }),
});

/** So many offers a minute, of which a share is accepted. */
export const offers = (accepted: number, part: Partial<Told> & { readonly count?: number } = {}): Told[] => {
  const { count = 200, ...rest } = part;
  const common = { atMs: 0, offer: "psk" as const, ...rest };
  const resumed = Math.round(count * accepted);
  return [
    { ...common, outcome: "resumed", mechanism: "psk", count: resumed },
    { ...common, outcome: "full", reason: "unknown_key", count: count - resumed },
  ];
};

type Rule = Parameters<typeof alertRule.parse>[0];
export type Script = {
  readonly rules: readonly Rule[];
  readonly route?: Record<string, unknown>;
  /** What arrives in each minute. */
  readonly minutes: number;
  readonly arrives?: (minute: number) => readonly Told[];
  /** What is done at the beginning of a minute. */
  readonly acts?: Readonly<Record<number, (stage: Stage) => Promise<void>>>;
  /** How the receiver answers; by default it takes everything. */
  readonly answers?: (minute: number) => Partial<SendResult>;
  /** Everything that is told, in order, and nothing else. */
  readonly expect: readonly Expected[];
};

const ANSWERED: SendResult = {
  ok: true,
  status: 200,
  error: null,
  retryable: false,
  retryAfterMs: null,
  refs: null,
};

/** A collector's alerting on a virtual clock, over a real store. */
export class Stage {
  readonly heard: Heard[] = [];
  readonly fleet: StoredFleet;
  readonly #script: Script;
  readonly #clock: { nowMs: number };
  readonly #seal = new Seal(Buffer.alloc(32, 1));
  #evaluator: Evaluator;
  #sender: Sender;

  private constructor(script: Script, fleet: StoredFleet, clock: { nowMs: number }) {
    this.#script = script;
    this.fleet = fleet;
    this.#clock = clock;
    [this.#evaluator, this.#sender] = this.#begin();
  }

  static async open(script: Script): Promise<Stage> {
    const clock = { nowMs: START_MS };
    const stage = new Stage(script, await storedFleet(() => clock.nowMs), clock);
    await stage.#settle();
    return stage;
  }

  get nowMs(): number {
    return this.#clock.nowMs;
  }

  /** The collector is killed and started again: whatever was in memory is gone. */
  restart(): void {
    [this.#evaluator, this.#sender] = this.#begin();
  }

  async incident(incident: StoredIncident): Promise<void> {
    await this.fleet.writer.saveIncidents(1, { incidents: [incident], updates: [] });
  }

  async play(): Promise<void> {
    const { minutes, arrives, acts } = this.#script;
    for (let minute = 0; minute < minutes; minute += 1) {
      const startMs = START_MS + minute * MINUTE_MS;
      await acts?.[minute]?.(this);
      const told = arrives?.(minute) ?? [];
      if (told.length) await this.fleet.tell(told.map((one) => ({ ...one, atMs: startMs })));
      for (let atMs = startMs; atMs < startMs + MINUTE_MS; atMs += STEP_MS) {
        this.#clock.nowMs = atMs;
        await this.#evaluator.run(atMs);
        await this.#sender.run(atMs);
      }
    }
  }

  #begin(): [Evaluator, Sender] {
    const tools = { metrics: makeMetrics(), log: pino({ level: "silent" }) };
    const store = this.fleet.writer;
    return [
      new Evaluator({
        store,
        tenant: 1,
        costs: DEFAULT_COSTS,
        consoleUrl: "https://reprise.example",
        ...tools,
      }),
      new Sender({
        ...{
          store,
          seal: this.#seal,
          notifiers: [this.#notifier()],
          http: NO_HTTP,
          random: () => 0,
          ...tools,
        },
        clock: () => this.#clock.nowMs,
      }),
    ];
  }

  #notifier(): Notifier {
    const about = {
      kind: "script",
      title: "Script",
      about: "",
      settings: z.unknown(),
      secrets: [],
      destination: [],
      fields: [],
    };
    return {
      ...about,
      send: async (message) => {
        const minute = (this.#clock.nowMs - START_MS) / MINUTE_MS;
        const result = { ...ANSWERED, ...this.#script.answers?.(minute) };
        if (result.ok) this.heard.push({ minute, message });
        return result;
      },
    };
  }

  async #settle(): Promise<void> {
    const { alerting } = this.fleet.writer;
    const about = { origin: "console" as const, actor: null, updatedMs: START_MS };
    const off = DEFAULT_RULES.map((rule) => ({ ...rule, enabled: false }));
    for (const rule of [...off, ...this.#script.rules.map((one) => alertRule.parse(one))])
      await alerting.saveAlertRule(1, { ...about, rule, createdMs: START_MS });
    await alerting.saveReceiver(1, {
      ...{ ...about, name: "pager", kind: "script" },
      settings: this.#seal.seal(sealedFor(1, "pager"), {}),
    });
    const tree = alertRoute.parse({ receiver: "pager", ...this.#script.route });
    await alerting.saveRouting(1, { ...about, tree });
  }
}

const REFUSED = { kind: "refused" as const, reason: "no network in this script" };
const NO_HTTP = { request: async () => REFUSED, resolve: async () => REFUSED };

/** Plays a script and answers what was heard, and what of it was not expected or is missing. */
export async function playScript(script: Script): Promise<{ heard: Heard[]; problems: string[] }> {
  const stage = await Stage.open(script);
  try {
    await stage.play();
    return { heard: stage.heard, problems: problemsOf(script.expect, stage.heard) };
  } finally {
    await stage.fleet.destroy();
  }
}

function problemsOf(expected: readonly Expected[], heard: readonly Heard[]): string[] {
  const said = ({ minute, message }: Heard): string =>
    `${minute.toFixed(2)} ${message.reason}: ${message.title}`;
  const problems = expected.flatMap((want, i) => {
    const got = heard[i];
    const fits =
      got &&
      got.minute >= want.from &&
      got.minute <= want.to &&
      got.message.reason === want.reason &&
      want.matching(got.message);
    return fits
      ? []
      : [`expected ${want.reason} between ${want.from} and ${want.to}, got ${got ? said(got) : "nothing"}`];
  });
  return [...problems, ...heard.slice(expected.length).map((one) => `not expected: ${said(one)}`)];
}
