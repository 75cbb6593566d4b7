import type { Mechanism, RejectionReason } from "../../lib/domain/vocabulary.ts";
import { nameOf, type Session } from "./session.ts";
import type { Visit } from "./visit.ts";

/**
 * Why a node did not resume another's session that is seconds old, where a client can know. A session id is not in its
 * cache. A PSK needs the hash of its cipher suite (RFC 8446 4.2.11). A ticket whose key's name is none of those under which
 * the node itself issues is under a key that it does not hold. Null: it looks as if it should have been accepted.
 */
export function refusalReason(
  mechanism: Mechanism,
  {
    session,
    from,
    to,
  }: { readonly session: Session; readonly from: Visit | undefined; readonly to: Visit | undefined },
): RejectionReason | null {
  if (mechanism === "session_id") return "cache_miss";
  const [here, there] = [to?.probe, from?.probe];
  if (mechanism === "psk" && here && there && hashOf(here.cipher) !== hashOf(there.cipher))
    return "hash_mismatch";
  const keyName = nameOf(session);
  const isName = from?.issued.some((issued) => issued.keyName === keyName) ?? false;
  if (!isName || !to || to.issued.length === 0) return null;
  return to.issued.some((issued) => issued.keyName === keyName) ? null : "unknown_key";
}

function hashOf(cipher: string | null): string | null {
  return cipher && (/SHA\d*$/.exec(cipher)?.[0] ?? null);
}
