import type { PeopleStore } from "./port.ts";
import type { FindingReader, FindingWriter } from "./port-findings.ts";
import type { PersonActor, PersonReader } from "./port-people.ts";
import type { ProbeReader, ProbeWriter } from "./port-probe.ts";
import type { TokenActor, TokenReader } from "./port-tokens.ts";
import type { RetentionActor, RetentionReader } from "./port-upkeep.ts";

/** The log of what people changed: one chain for each tenant, to which entries are only added. */

/** The chain of what concerns no tenant's own data, such as that a tenant was erased. */
export const INSTALLATION = 0;

/** Whose doing something is. */
export type AuditBy = {
  /** Who was signed in; null: nobody. Never what somebody typed into a form. */
  readonly actor: string | null;
  /** Where the request came from; null: not known, or there was no request. */
  readonly address: string | null;
};

export type AuditEntry = AuditBy & {
  /** Counts from 1 in each tenant, without a gap. */
  readonly id: number;
  readonly atMs: number;
  /** What was done, such as `policy.threshold`. */
  readonly action: string;
  readonly targetKind: string;
  readonly targetId: string;
  /** What it was done to, as it was and as it is then: JSON without secrets; null: there was none. */
  readonly before: string | null;
  readonly after: string | null;
  /** Hash of the entry before; "" for the first. */
  readonly prevHash: string;
  /** SHA-256 over all of the above (lib/store/audit-chain.ts). */
  readonly hash: string;
};

export type AuditQuery = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  /** Only entries with smaller ids: the next page. */
  readonly beforeId?: number;
  /** "" asks for what nobody was signed in for. */
  readonly actor?: string;
  /** An action, or its first part: `policy` stands for every `policy.…`. */
  readonly action?: string;
  readonly targetKind?: string;
  readonly targetId?: string;
};

/** Reads. `tenant` is a TenantId of the port, or INSTALLATION. */
export interface AuditReader {
  /** Entries within [fromMs, toMs), the newest first. */
  readAudit(tenant: number, query: AuditQuery): Promise<readonly AuditEntry[]>;
  /** The chain in order, from the entry after `afterId`, at most `limit`. */
  walkAudit(
    tenant: number,
    query: { readonly afterId: number; readonly limit: number },
  ): Promise<readonly AuditEntry[]>;
}

/** What one person does. Every write leaves an entry of the log in its own transaction: both are durable, or neither. */
export type PeopleActs = Pick<
  PeopleStore,
  "recordChange" | "chooseTruth" | "actOnIncident" | "alerting" | "keys" | "policy"
> & {
  readonly findings: FindingReader & Pick<FindingWriter, "actOnFinding">;
  readonly probes: ProbeReader & Pick<ProbeWriter, "saveProbeTarget" | "deleteProbeTarget">;
  readonly people: PersonReader & PersonActor;
  readonly retention: RetentionReader & RetentionActor;
  readonly tokens: TokenReader & TokenActor;
  /** Adds an entry that tells of something outside of the store, such as that it was restored. */
  note(
    tenant: number,
    told: Pick<AuditEntry, "action" | "targetKind" | "targetId" | "before" | "after">,
  ): Promise<void>;
};

/** What every opening of the store reads of the log. */
export interface AuditedStore {
  readonly audit: AuditReader;
}

export interface Auditor {
  /** The store for one person: whatever is written through it leaves an entry of the log. */
  as(by: AuditBy): PeopleActs;
}
