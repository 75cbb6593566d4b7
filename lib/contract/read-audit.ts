/** The contract of /api/audit: what people changed. */
import { z } from "zod";
import { windowParams } from "./read.ts";

const name = z.string().max(500).optional();

export const auditParams = z.object({
  /** Whose log: the tenant's, or the installation's own (sign-ins, links, tenants), for its administrators only. */
  of: z.enum(["tenant", "installation"]).optional(),
  from: windowParams.shape.from,
  to: windowParams.shape.to,
  /** Who was signed in; "-" asks for what nobody was signed in for. */
  actor: name,
  /** An action, or its first part: `policy` stands for every `policy.…`. */
  action: name,
  /** A kind of target, and one target. */
  targetKind: name,
  targetId: name,
  /** Only entries with smaller numbers: the next page. */
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(2_000).optional(),
  format: z.enum(["json", "csv"]).optional(),
});

export const auditEntryView = z.object({
  id: z.number().int(),
  atMs: z.number().int(),
  actor: z.string().nullable(),
  address: z.string().nullable(),
  action: z.string(),
  targetKind: z.string(),
  targetId: z.string(),
  /** What it was done to, as it was and as it is then, without secrets; null: there was none. */
  before: z.unknown(),
  after: z.unknown(),
  prevHash: z.string(),
  hash: z.string(),
});
export type AuditEntryView = z.infer<typeof auditEntryView>;

export const auditReply = z.object({
  fromMs: z.number().int(),
  toMs: z.number().int(),
  nowMs: z.number().int(),
  entries: z.array(auditEntryView),
  /** Give this as `before` to go on; null: these are all. */
  next: z.number().int().nullable(),
});
export type AuditReply = z.infer<typeof auditReply>;
