import { type Grant, type SourceToken, tokenState } from "../../lib/domain/source-token.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import { isTokenSecret, parseToken } from "../../lib/runtime/token-secret.ts";
import type { WriteStore } from "../../lib/store/port.ts";
import type { Job } from "../jobs/scheduler.ts";

/** Another process creates and revokes tokens: what it did holds here after this. */
const LOOK_MS = 500;
/** Uses are written down together, at most so often. */
const NOTE_MS = 60_000;

export type Shown =
  | { readonly kind: "grant"; readonly grant: Grant }
  | { readonly kind: "unknown" | "expired" };

/** Every usable token in memory, so that a push costs no query; a revoked one is gone within half a second. */
export class TokenBook {
  readonly #store: Pick<WriteStore, "tokens" | "revision">;
  readonly #clock: Clock;
  #tokens: ReadonlyMap<string, SourceToken> = new Map();
  #used = new Map<string, number>();
  #revision = -1;

  constructor(store: Pick<WriteStore, "tokens" | "revision">, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  readonly jobs: readonly Job[] = [
    { name: "tokens", everyMs: LOOK_MS, run: () => this.refresh() },
    { name: "uses of tokens", everyMs: NOTE_MS, run: () => this.noteUses() },
  ];

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
    const { tenant, scopes, endpoints, nodes, id } = token;
    return { kind: "grant", grant: { tenant, by: id, scopes, endpoints, nodes } };
  }
}
