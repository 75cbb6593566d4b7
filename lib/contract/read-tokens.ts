import { z } from "zod";
import { TOKEN_LIMITS, TOKEN_SCOPES } from "../domain/source-token.ts";

const ms = z.number().int();
const name = z
  .string()
  .trim()
  .min(1)
  .max(TOKEN_LIMITS.nameLength)
  .regex(/^[\x20-\x7e\u00a0-\uffff]+$/, "no control characters");
const names = z.array(name).min(1).max(TOKEN_LIMITS.names);

/** A token as it is shown: not its secret, nor the hash of it. */
export const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(["usable", "expired", "revoked"]),
  scopes: z.array(z.enum(TOKEN_SCOPES)),
  endpoints: z.array(z.string()).nullable(),
  nodes: z.array(z.string()).nullable(),
  createdMs: ms,
  createdBy: z.string(),
  lastUsedMs: ms.nullable(),
  expiresMs: ms.nullable(),
  revokedMs: ms.nullable(),
  revokedBy: z.string().nullable(),
  successorId: z.string().nullable(),
});
export type TokenView = z.infer<typeof tokenView>;

export const tokensReply = z.object({ nowMs: ms, tokens: z.array(tokenView) });
export type TokensReply = z.infer<typeof tokensReply>;

export const tokenBody = z.object({
  name,
  scopes: z.array(z.enum(TOKEN_SCOPES)).min(1),
  endpoints: names.nullable().default(null),
  nodes: names.nullable().default(null),
  expiresMs: ms.nullable().default(null),
});
export const rotateBody = z.object({
  overlapMs: z
    .number()
    .int()
    .min(0)
    .max(30 * 86_400_000)
    .default(86_400_000),
});
export const madeTokenReply = z.object({ token: z.string().describe("shown once"), id: z.string() });
export type MadeTokenReply = z.infer<typeof madeTokenReply>;
