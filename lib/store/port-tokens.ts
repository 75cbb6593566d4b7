import type { SourceToken } from "../domain/source-token.ts";
import type { TenantId } from "./port.ts";

/** Reading source tokens. Their secrets are not kept, so nothing here can be used as one. */
export interface TokenReader {
  /** Tokens of a tenant, newest first, those that can no longer be used included. */
  readTokens(tenant: TenantId): Promise<readonly SourceToken[]>;
  /** Tokens of all tenants that are not revoked: to know to which tenant a sender belongs. */
  readTokensOfAll(): Promise<readonly SourceToken[]>;
  /** The tenant of this name; null where there is none. */
  findTenant(name: string): Promise<TenantId | null>;
}

/** What people do with tokens. */
export interface TokenActor {
  /** Keeps a new token. Throws a WorldError where the tenant has too many, or one of this id. */
  createToken(tenant: TenantId, token: SourceToken): Promise<void>;
  /** Revokes at once; false where the tenant has no such token that is not revoked. */
  revokeToken(
    tenant: TenantId,
    act: { readonly id: string; readonly nowMs: number; readonly by: string },
  ): Promise<boolean>;
  /**
   * Keeps `successor` and lets the old one end at `untilMs`, or earlier where it would have. False where the tenant has no
   * such token, it is revoked, or it has a successor already; nothing is kept then.
   */
  rotateToken(
    tenant: TenantId,
    act: { readonly id: string; readonly untilMs: number; readonly successor: SourceToken },
  ): Promise<boolean>;
}

export interface TokenWriter extends TokenActor {
  /** Notes when tokens were last used, by id; a moment before the one that is known is ignored. */
  touchTokens(usedMs: ReadonlyMap<string, number>): Promise<void>;
}
