import type { IncomingMessage } from "node:http";
import { boundProblem, type Grant, openGrant, type TokenScope } from "../../lib/domain/source-token.ts";
import type { TokenBook } from "../../lib/people/token-book.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import { isLoopback } from "../../lib/runtime/networks.ts";
import { networkOf, RateLimit } from "../../lib/runtime/rate-limit.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import { DEFAULT_TENANT } from "../../lib/store/port.ts";
import { HttpProblem } from "../transports/body.ts";
import type { ClientCertificates } from "./client-certificates.ts";

/** So many tokens' worth may come from one address: a whole site behind one. */
const TOKENS_PER_ADDRESS = 10;
const BEARER = /^Bearer +([^\s]{1,200})$/i;

export type AdmissionOptions = {
  readonly tokens: TokenBook;
  readonly certificates: ClientCertificates;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly settings: Pick<Settings, "collectorHost" | "requireTokens" | "rateRequests" | "rateBytes">;
};

/** Decides who may push what: by token, by client certificate, or, on loopback where that is enough, by being there. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #isOpen: boolean;
  readonly #requests: RateLimit;
  readonly #bytes: RateLimit;
  readonly #addressRequests: RateLimit;
  readonly #addressBytes: RateLimit;

  constructor(options: AdmissionOptions) {
    const { settings, clock } = options;
    const { rateRequests, rateBytes } = settings;
    this.#options = options;
    this.#isOpen = isLoopback(settings.collectorHost) && !settings.requireTokens;
    this.#requests = new RateLimit(rateRequests, clock);
    this.#bytes = new RateLimit(rateBytes, clock);
    this.#addressRequests = new RateLimit(rateRequests * TOKENS_PER_ADDRESS, clock);
    this.#addressBytes = new RateLimit(rateBytes * TOKENS_PER_ADDRESS, clock);
  }

  /**
   * What the sender of a request may do; names its node in `query` where its certificate tells and it does not. Throws
   * HttpProblem: 401 where it has not shown who it is, 403 where it may not do this, 429 where it did too much.
   */
  admit(request: IncomingMessage, scope: TokenScope, query: URLSearchParams): Grant {
    const { authorization } = request.headers;
    if (authorization === undefined && this.#isOpen) return openTo(request);
    const address = addressOf(request);
    this.#spend(this.#addressRequests, this.#addressBytes, address);
    const grant = this.#identify(request, query);
    if (grant.by !== null) this.#spend(this.#requests, this.#bytes, grant.by);
    if (!grant.scopes.includes(scope)) throw this.#refuse(403, "scope", `this token has no scope "${scope}"`);
    const node = query.get("node") ?? "";
    const problem = node === "" ? null : boundProblem({ endpoints: null, nodes: grant.nodes }, { node });
    if (problem !== null) throw this.#refuse(403, "bounds", problem);
    return grant;
  }

  /** Counts a body that was read. */
  charge(request: IncomingMessage, grant: Grant, bytes: number): void {
    if (grant.by === null) return;
    this.#bytes.take(grant.by, bytes);
    this.#addressBytes.take(addressOf(request), bytes);
  }

  #identify(request: IncomingMessage, query: URLSearchParams): Grant {
    const { tokens, certificates } = this.#options;
    const { authorization } = request.headers;
    if (authorization === undefined) {
      const certified = certificates.look(request.socket);
      if (certified === null)
        throw this.#refuse(401, "missing", "a source token is needed: Authorization: Bearer <token>");
      if (certified.node !== null && !query.has("node")) query.set("node", certified.node);
      return certified.grant;
    }
    const text = BEARER.exec(authorization)?.[1];
    if (text === undefined) throw this.#refuse(401, "malformed", "Authorization has to be: Bearer <token>");
    const shown = tokens.look(text);
    if (shown.kind === "grant") return shown.grant;
    // One answer for all, so that nobody learns which ids exist.
    throw this.#refuse(401, shown.kind, "this token is not known, has expired or was revoked");
  }

  #spend(requests: RateLimit, bytes: RateLimit, key: string): void {
    const waitS = requests.waitS(key) ?? bytes.waitS(key);
    if (waitS !== null) {
      this.#options.metrics.refusedAccess.inc({ reason: "rate" });
      throw new HttpProblem(429, "too much was sent within a minute", { retryAfterS: waitS });
    }
    requests.take(key, 1);
  }

  #refuse(status: 401 | 403, reason: string, sentence: string): HttpProblem {
    this.#options.metrics.refusedAccess.inc({ reason });
    return new HttpProblem(status, sentence);
  }
}

/**
 * A page in a browser of this machine reaches loopback too: it may not push. Programs send no Origin, and no
 * Sec-Fetch-Site.
 */
function openTo({ headers }: IncomingMessage): Grant {
  if (headers.origin !== undefined || (headers["sec-fetch-site"] ?? "none") !== "none")
    throw new HttpProblem(403, "pages in a browser may not send to the collector");
  return openGrant(DEFAULT_TENANT);
}

const addressOf = ({ socket }: IncomingMessage): string => networkOf(socket.remoteAddress ?? "");
