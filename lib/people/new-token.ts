import type { SourceToken } from "../domain/source-token.ts";
import { hashTokenSecret, makeToken } from "../runtime/token-secret.ts";

type About = Pick<
  SourceToken,
  "tenant" | "name" | "scopes" | "endpoints" | "nodes" | "expiresMs" | "createdBy"
>;

/** A new token as it is kept, and its text, which is shown once and kept nowhere. */
export function newToken(
  about: About,
  nowMs: number,
): { readonly token: SourceToken; readonly text: string } {
  const { id, secret, text } = makeToken();
  const { tenant, name, scopes, endpoints, nodes, expiresMs, createdBy } = about;
  const token = {
    ...{ id, tenant, name, scopes, endpoints, nodes, expiresMs, secretHash: hashTokenSecret(secret) },
    ...{ createdMs: nowMs, createdBy, lastUsedMs: null, revokedMs: null, revokedBy: null, successorId: null },
  };
  return { token, text };
}

/** The token that takes over from another: the same bounds, and it lives as long as the old one was to live. */
export function successorOf(
  old: SourceToken,
  { nowMs, by }: { readonly nowMs: number; readonly by: string },
) {
  const expiresMs = old.expiresMs === null ? null : nowMs + (old.expiresMs - old.createdMs);
  return newToken({ ...old, expiresMs, createdBy: by }, nowMs);
}
