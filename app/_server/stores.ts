import { TokenBook } from "@/lib/people/token-book.ts";
import { systemClock } from "@/lib/runtime/clock.ts";
import { readSettings } from "@/lib/runtime/settings.ts";
import { openingOf, openPeopleStore, openReadStore } from "@/lib/store/open.ts";
import type { ReadStore } from "@/lib/store/port.ts";
import type { Auditor } from "@/lib/store/port-audit.ts";

type Stores = {
  readonly reader: ReadStore;
  readonly auditor: Auditor;
  /** Tokens by which scripts ask; that they were used is written down. */
  readonly tokens: TokenBook;
};

// Kept on globalThis, since Next may load this module more than once in a process.
const holder = globalThis as typeof globalThis & { repriseStores?: Stores };

/**
 * The console's two openings of the store: one that only reads, and one for what people do (guard.ts), of which
 * nothing but audited acts can be had. Opened on first use.
 */
export function stores(): Stores {
  if (!holder.repriseStores) {
    const options = openingOf(readSettings(process.env));
    const [reader, auditor] = [openReadStore(options), openPeopleStore(options)];
    // A connection's revision does not move by its own commits: the reader sees those of people too.
    const kept = { tokens: auditor.tokens, revision: () => reader.revision() };
    holder.repriseStores = { reader, auditor, tokens: new TokenBook(kept, systemClock) };
  }
  return holder.repriseStores;
}
