import { type Grant, type SourceToken, tokenState } from "../domain/source-token.ts";
import type { Clock } from "../runtime/clock.ts";
import { isTokenSecret, parseToken } from "../runtime/token-secret.ts";
import type { PeopleStore } from "../store/port.ts";

/** Another process creates and revokes tokens: what it did holds here after this, where whoever keeps the book looks so often. */
export const LOOK_MS = 500;
/** Uses are written down together, so often. */
export const NOTE_MS = 60_000;

export type Shown =
  | { readonly kind: "grant"; readonly grant: Grant; readonly name: string }
  | { readonly kind: "unknown" | "expired" };

/** Every usable token in memory, so that a push costs no query; a revoked one is gone with the next look. */
export class TokenBook {
  readonly #store: Pick<PeopleStore, "tokens" | "revision">;
  readonly #clock: Clock;
  #tokens: ReadonlyMap<string, SourceToken> = new Map();
  #used = new Map<string, number>();
  #revision = -1;

  constructor(store: Pick<PeopleStore, "tokens" | "revision">, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Reads the tokens again where anything was changed since. */
  async refresh(): Promise<void> {
    const revision = await this.#store.revision();
    if (revision === this.#revision) return;
    const tokens = await this.#store.tokens.readTokensOfAll();
    this.#tokens = new Map(tokens.map((token) => [token.id, token]));
    this.#revision = revision;
  }

  /** Writes down when tokens were last used. */
  async noteUses(): Promise<void> {
    const used = this.#used;
    this.#used = new Map();
    await this.#store.tokens.touchTokens(used);
  }

  /** What a token allows. One that is unknown takes as long to refuse as a known one with another secret. */
  look(text: string): Shown {
    const parts = parseToken(text);
    const token = parts === null ? undefined : this.#tokens.get(parts.id);
    const isRight = isTokenSecret(parts?.secret ?? text, token?.secretHash ?? null);
    if (!token || !isRight) return { kind: "unknown" };
    const nowMs = this.#clock();
    if (tokenState(token, nowMs) !== "usable") return { kind: "expired" };
    this.#used.set(token.id, nowMs);
    const { tenant, scopes, endpoints, nodes, id, name } = token;
    return { kind: "grant", name, grant: { tenant, by: id, scopes, endpoints, nodes } };
  }
}
