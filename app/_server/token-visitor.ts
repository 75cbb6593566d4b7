import { roleOfScopes } from "@/lib/domain/source-token.ts";
import { LOOK_MS, NOTE_MS } from "@/lib/people/token-book.ts";
import { systemClock } from "@/lib/runtime/clock.ts";
import { RateLimit } from "@/lib/runtime/rate-limit.ts";
import { readSettings } from "@/lib/runtime/settings.ts";
import type { Standing } from "@/lib/store/port-people.ts";
import { TooManyProblem } from "./answer.ts";
import { stores } from "./stores.ts";

type Kept = { limit: RateLimit; lookedMs: number; notedMs: number };
export type Script = { readonly actor: string; readonly at: Standing };

// Kept on globalThis, since Next may load this module more than once in a process.
const holder = globalThis as typeof globalThis & { repriseTokens?: Kept };

/**
 * The script that shows a token (`Bearer rpr_…`), in its tenant and with the role of its scopes; null where the token is none, has
 * ended, or opens nothing here. Throws TooManyProblem where it asks too often.
 */
export async function scriptOf(authorization: string): Promise<Script | null> {
  const { tokens, reader } = stores();
  const kept = keptOf();
  await keep(kept);
  const shown = tokens.look(/^Bearer (\S+)$/i.exec(authorization)?.[1] ?? "");
  if (shown.kind !== "grant") return null;
  const role = roleOfScopes(shown.grant.scopes);
  if (role === null) return null;
  const { by, tenant } = shown.grant;
  const waitS = kept.limit.waitS(by ?? "");
  if (waitS !== null) throw new TooManyProblem(waitS);
  kept.limit.take(by ?? "", 1);
  const name = (await reader.people.readTenants()).find((one) => one.tenant === tenant)?.name;
  return name === undefined ? null : { actor: `token:${shown.name}`, at: { tenant, name, role } };
}

function keptOf(): Kept {
  const limit = new RateLimit(readSettings(process.env).rateRequests, systemClock);
  holder.repriseTokens ??= { limit, lookedMs: 0, notedMs: Date.now() };
  return holder.repriseTokens;
}

/** Looks at the tokens again, and writes down which were used, where it is time to. */
async function keep(kept: Kept): Promise<void> {
  const nowMs = Date.now();
  if (nowMs - kept.lookedMs >= LOOK_MS) {
    kept.lookedMs = nowMs;
    await stores().tokens.refresh();
  }
  if (nowMs - kept.notedMs < NOTE_MS) return;
  kept.notedMs = nowMs;
  await stores().tokens.noteUses();
}
