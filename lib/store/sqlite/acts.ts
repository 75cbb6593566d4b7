import { createHash } from "node:crypto";
import type { Clock } from "../../runtime/clock.ts";
import type { TenantId } from "../port.ts";
import type { AuditBy, PeopleActs } from "../port-audit.ts";
import { SqliteAlerting } from "./alerting.ts";
import { appendAudit } from "./audit.ts";
import type { Sql } from "./client.ts";
import { writeTruthChoice } from "./coverage.ts";
import {
  ALERT_DEEDS,
  type Deed,
  FINDING_DEEDS,
  KEY_DEEDS,
  OWN_DEEDS,
  PERSON_DEEDS,
  POLICY_DEEDS,
  PROBE_DEEDS,
  RETENTION_DEEDS,
  TOKEN_DEEDS,
} from "./deeds.ts";
import { SqliteFindings } from "./findings.ts";
import { actOnIncident } from "./incidents.ts";
import { SqliteKeys } from "./keys.ts";
import { SqlitePeople } from "./people.ts";
import { SqlitePolicy } from "./policy.ts";
import { SqliteProbes } from "./probe.ts";
import { SqliteRetention } from "./retention.ts";
import type { Runner } from "./runner.ts";
import { SqliteTokens } from "./tokens.ts";
import { writeChanges } from "./write-events.ts";

type Given<Name extends "recordChange" | "chooseTruth" | "actOnIncident"> = Parameters<PeopleActs[Name]>[1];
type Method = (...given: readonly unknown[]) => unknown;

/**
 * What one person does, with its entry in the audit log: the rows as they were, the act, the rows as they are then and the
 * entry are one transaction. An act on something unknown does nothing and leaves no entry.
 */
export class SqliteActs implements PeopleActs {
  readonly #runner: Runner;
  readonly #by: AuditBy;
  readonly #clock: Clock;
  readonly alerting: PeopleActs["alerting"];
  readonly findings: PeopleActs["findings"];
  readonly keys: PeopleActs["keys"];
  readonly people: PeopleActs["people"];
  readonly policy: PeopleActs["policy"];
  readonly probes: PeopleActs["probes"];
  readonly retention: PeopleActs["retention"];
  readonly tokens: PeopleActs["tokens"];

  constructor(runner: Runner, by: AuditBy, clock: Clock) {
    this.#runner = runner;
    this.#by = by;
    this.#clock = clock;
    this.alerting = this.#part((on) => new SqliteAlerting(on), ALERT_DEEDS);
    this.findings = this.#part((on) => new SqliteFindings(on), FINDING_DEEDS);
    this.keys = this.#part((on) => new SqliteKeys(on), KEY_DEEDS);
    this.people = this.#part((on) => new SqlitePeople(on), PERSON_DEEDS);
    this.policy = this.#part((on) => new SqlitePolicy(on), POLICY_DEEDS);
    this.probes = this.#part((on) => new SqliteProbes(on), PROBE_DEEDS);
    this.retention = this.#part((on) => new SqliteRetention(on), RETENTION_DEEDS);
    this.tokens = this.#part((on) => new SqliteTokens(on), TOKEN_DEEDS);
  }

  recordChange(tenant: TenantId, change: Given<"recordChange">, meta: { nowMs: number; via: string }) {
    return this.#act(tenant, OWN_DEEDS.recordChange(change), (sql) =>
      writeChanges(sql, tenant, { changes: [change], ...meta }),
    );
  }

  chooseTruth(tenant: TenantId, choice: Given<"chooseTruth">) {
    return this.#act(tenant, OWN_DEEDS.chooseTruth(choice), (sql) => writeTruthChoice(sql, tenant, choice));
  }

  actOnIncident(tenant: TenantId, act: Given<"actOnIncident">) {
    return this.#act(tenant, OWN_DEEDS.actOnIncident(act), (sql) => actOnIncident(sql, tenant, act));
  }

  note(tenant: TenantId, told: Parameters<PeopleActs["note"]>[1]): Promise<void> {
    return this.#runner.write(told.action, (sql) =>
      appendAudit(sql, tenant, { ...this.#by, atMs: this.#clock(), ...told }),
    );
  }

  /** A part of the store whose methods with deeds run audited, and whose others (reads) as they are. */
  #part<Part extends object>(make: (on: Runner) => Part, deeds: object): Part {
    const part = make(this.#runner);
    return new Proxy(part, {
      get: (target, name) => {
        const deedOf = (deeds as Record<PropertyKey, ((given: unknown) => Deed) | undefined>)[name];
        if (!deedOf) return (Reflect.get(target, name, target) as Method).bind(target);
        return (tenant: TenantId, given: unknown, ...rest: unknown[]) =>
          this.#act(tenant, deedOf(given), (sql) => {
            const bound = make(within(sql)) as unknown as Record<PropertyKey, Method>;
            return bound[name]?.(tenant, given, ...rest) as Promise<unknown>;
          });
      },
    });
  }

  #act<T>(tenant: TenantId, deed: Deed, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#runner.write(deed.action, async (sql) => {
      const before = await readRows(sql, tenant, deed);
      const result = await work(sql);
      if (result === null || result === false) return result;
      const now = await readRows(sql, tenant, deed);
      const after = deed.said ? { ...(now as object | null), said: deed.said } : now;
      const { action, targetKind, targetId } = deed;
      await appendAudit(sql, tenant, {
        ...{ ...this.#by, atMs: this.#clock(), action, targetKind, targetId },
        ...{ before: textOf(before), after: textOf(after) },
      });
      return result;
    });
  }
}

/** A runner within a transaction that is open already. */
const within = (sql: Sql): Runner => ({ read: (_, work) => work(sql), write: (_, work) => work(sql) });

const textOf = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** The one row, all of them where there are more, null where there is none. */
async function readRows(sql: Sql, tenant: TenantId, { rows }: Deed): Promise<unknown> {
  const where = Object.keys(rows.key).map((column) => ` AND "${column}" = ?`);
  const found = await sql.$queryRawUnsafe<Record<string, unknown>[]>(
    `SELECT ${rows.columns.map((column) => `"${column}"`).join(", ")} FROM "${rows.table}"
     WHERE "tenantId" = ?${where.join("")}`,
    tenant,
    ...Object.values(rows.key),
  );
  const shown = found.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shownValue(name, value)])),
  );
  return shown.length > 1 ? shown : (shown[0] ?? null);
}

const JSON_COLUMNS = new Set([
  "spec",
  "tree",
  "intent",
  "threshold",
  "matchers",
  "scopes",
  "endpoints",
  "nodes",
]);
const DIGEST_DIGITS = 12;

function shownValue(name: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  // What is sealed anew has another digest even where it says the same: each sealing has a nonce of its own.
  if (value instanceof Uint8Array)
    return `sealed ${createHash("sha256").update(value).digest("hex").slice(0, DIGEST_DIGITS)}`;
  return JSON_COLUMNS.has(name) && typeof value === "string" ? JSON.parse(value) : value;
}
