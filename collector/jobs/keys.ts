import type { Finding } from "../../lib/domain/findings.ts";
import { keyFindings, observedChanges } from "../../lib/domain/key-findings.ts";
import { OBSERVED, readKeyFleet } from "../../lib/read/key-fleet.ts";
import { Lru } from "../../lib/runtime/lru.ts";
import type { TenantId, WriteStore } from "../../lib/store/port.ts";
import type { Job } from "./scheduler.ts";

const EVERY_MS = 60_000;
const DAY_MS = 86_400_000;
/** Findings remembered as saved, and changes recorded in one turn: an imported history may bring many. */
const MOST_SAVED = 10_000;
const MOST_CHANGES = 200;

/** What is over once a rotation is announced late, or comes after all. */
const PASSING = ["unannounced_rotation", "missing_rotation"] as const;
const MOST_OPEN = 1_000;
/** Rotations are known for thirty days; a finding about an older one stays as it is. */
const KNOWN_MS = 29 * DAY_MS;

type Store = Pick<WriteStore, "keys" | "findings" | "readChanges" | "recordChange">;

/** Looks at how keys are used: records rotations that were seen and not announced, and keeps what is found. */
export class KeyWatch {
  readonly job: Job = { name: "keys", everyMs: EVERY_MS, run: (nowMs) => this.#turn(nowMs) };
  readonly #store: Store;
  readonly #tenant: TenantId;
  readonly #saved = new Lru<string, string>(MOST_SAVED);

  constructor(store: Store, tenant: TenantId) {
    this.#store = store;
    this.#tenant = tenant;
  }

  async #turn(nowMs: number): Promise<void> {
    const { fleet, observed } = await readKeyFleet(this.#store, this.#tenant, {
      fromMs: nowMs - DAY_MS,
      nowMs,
    });
    if (fleet.history.places.size === 0) return;
    const known = new Set(observed.map(({ id }) => id));
    const fresh = observedChanges(fleet, nowMs).filter(({ id }) => !known.has(id));
    for (const change of fresh.slice(0, MOST_CHANGES))
      await this.#store.recordChange(this.#tenant, change, { nowMs, via: OBSERVED });
    const findings = keyFindings(fleet, nowMs);
    await this.#keep(findings, nowMs);
    await this.#close(new Set(findings.map(({ id }) => id)), nowMs);
  }

  /** Saves what is new or has grown. */
  async #keep(findings: readonly Finding[], nowMs: number): Promise<void> {
    const grown = findings.filter((finding) => this.#saved.get(finding.id) !== JSON.stringify(finding));
    await this.#store.findings.saveFindings(this.#tenant, grown, nowMs);
    for (const finding of grown) this.#saved.set(finding.id, JSON.stringify(finding));
  }

  /** Closes what is not so any more. */
  async #close(found: ReadonlySet<string>, nowMs: number): Promise<void> {
    const query = { fromMs: nowMs - KNOWN_MS, toMs: nowMs + DAY_MS, limit: MOST_OPEN };
    const open = await this.#store.findings.readFindings(this.#tenant, {
      ...{ ...query, kinds: PASSING, states: ["open", "acknowledged"] },
    });
    for (const { id } of open) {
      if (found.has(id)) continue;
      await this.#store.findings.actOnFinding(this.#tenant, {
        id,
        action: "close",
        actor: "reprise",
        nowMs,
      });
      this.#saved.delete(id);
    }
  }
}
