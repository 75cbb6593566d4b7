/** Tokens by which senders and scripts are let in: what they allow, for how long, and which data they may write. */
import type { Role } from "./roles.ts";

/**
 * What a token may be used for. `handshakes`: every telemetry route; `changes` and `keys`: telling what was done to the
 * fleet and to its ticket keys; `read`: the console's API as a viewer, and the collector's own metrics; `operate` and
 * `administer`: the console's API as an operator and an administrator.
 */
export const TOKEN_SCOPES = ["handshakes", "changes", "keys", "read", "operate", "administer"] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** What a token may do in the console's API; null: nothing. */
export function roleOfScopes(scopes: readonly TokenScope[]): Role | null {
  if (scopes.includes("administer")) return "admin";
  if (scopes.includes("operate")) return "operator";
  return scopes.includes("read") ? "viewer" : null;
}

/** Names that may be written, `*` standing for any characters; null where there is no bound. */
export type TokenBounds = {
  readonly endpoints: readonly string[] | null;
  readonly nodes: readonly string[] | null;
};

/** What a sender may do, however it showed who it is. */
export type Grant = TokenBounds & {
  readonly tenant: number;
  /** The token or the client certificate by which it was let in; null for one that needs none. */
  readonly by: string | null;
  readonly scopes: readonly TokenScope[];
};

/** A token as kept: the secret itself is not. Times are epoch milliseconds; null = never, or not yet. */
export type SourceToken = TokenBounds & {
  readonly id: string;
  readonly tenant: number;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  /** SHA-256 of the secret, hexadecimal. */
  readonly secretHash: string;
  readonly createdMs: number;
  readonly createdBy: string;
  readonly expiresMs: number | null;
  readonly lastUsedMs: number | null;
  readonly revokedMs: number | null;
  readonly revokedBy: string | null;
  readonly successorId: string | null;
};

/** Longest list of names that a token may be bound to, and longest name in it. */
export const TOKEN_LIMITS = { names: 100, nameLength: 253, tokens: 1_000 } as const;

export type TokenState = "usable" | "expired" | "revoked";

/** Whether a token can be used at a moment; revoked stands above expired. */
export function tokenState(token: Pick<SourceToken, "expiresMs" | "revokedMs">, nowMs: number): TokenState {
  if (token.revokedMs !== null) return "revoked";
  return token.expiresMs !== null && token.expiresMs <= nowMs ? "expired" : "usable";
}

/** What is told of, as far as bounds look at it; a part that is absent does not exist for it (a node's load has no endpoint). */
export type Place = { readonly endpoint?: string | null; readonly node?: string | null };

/** Why something lies beyond the bounds; null when it does not. What is not known cannot be shown to lie within. */
export function boundProblem(bounds: TokenBounds, place: Place): string | null {
  return (
    partProblem("endpoint", bounds.endpoints, place.endpoint) ?? partProblem("node", bounds.nodes, place.node)
  );
}

function partProblem(
  part: "endpoint" | "node",
  allowed: readonly string[] | null,
  name: string | null | undefined,
): string | null {
  if (allowed === null) return null;
  if (name === null || name === undefined || name === "")
    return `no ${part} is named, and this token may write some only`;
  return allowed.some((pattern) => matchesName(pattern, name))
    ? null
    : `this token may not write this ${part}`;
}

/** Whether a name fits a pattern in which `*` stands for any characters, none included. Linear but for the last `*`. */
export function matchesName(pattern: string, name: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resume = 0;
  while (at < name.length) {
    if (pattern[next] === "*") {
      star = next;
      next += 1;
      resume = at;
    } else if (next < pattern.length && pattern[next] === name[at]) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      next = star + 1;
      resume += 1;
      at = resume;
    } else return false;
  }
  while (pattern[next] === "*") next += 1;
  return next === pattern.length;
}

/** What a sender may do that needs to show nothing: everything of one tenant. */
export function openGrant(tenant: number): Grant {
  return { tenant, by: null, scopes: TOKEN_SCOPES, endpoints: null, nodes: null };
}
