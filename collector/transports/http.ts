import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { Server as TlsServer } from "node:tls";
import type { Grant, TokenScope } from "../../lib/domain/source-token.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import { WorldError } from "../../lib/runtime/invariant.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import type { Metrics } from "../../lib/runtime/metrics.ts";
import type { OwnHandshakes } from "../../lib/runtime/own-handshakes.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import type { TlsFiles } from "../../lib/runtime/tls-files.ts";
import { TlsKeeper } from "../../lib/runtime/tls-keeper.ts";
import type { Admission } from "../access/admission.ts";
import type { ForwardHealth } from "../forward/forwarder.ts";
import type { Reception, Receptions } from "../reception.ts";
import { BodyReader, HttpProblem } from "./body.ts";
import { IngestRoutes } from "./ingest-routes.ts";
import { tellListenerErrors } from "./listener-errors.ts";
import type { PushAnswer, PushRoute } from "./push-route.ts";

/** Limits on slow or many connections (RELIABILITY 2: the defaults close a slow client only after 86 s). */
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;
const LIMITS = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: 1_000,
};
const MAX_CONNECTIONS = 4_096;
const RETRY_AFTER_S = 1;
/** Where the way onward is full: that takes longer. */
const HELD_RETRY_AFTER_S = 10;
const ORIGIN = "http://collector";
/** While stopping, a sender that has not finished its body by then is cut off: nothing of it was acknowledged. */
const DRAIN_MS = 3_000;
const READ_ROUTES: readonly string[] = ["/healthz", "/metrics"];

const WRONG_TYPES = /^(multipart|image|audio|video|font)\//i;

export type HttpOptions = {
  readonly receptions: Receptions;
  readonly admission: Admission;
  /** null: plain HTTP. */
  readonly tls: TlsFiles | null;
  /** Where the port's own handshakes are counted. */
  readonly own: OwnHandshakes;
  /** How forwarding goes; null where nothing is forwarded. */
  readonly forwarding: () => ForwardHealth | null;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly settings: Pick<Settings, "maxBodyBytes" | "maxInflatedBytes">;
};

/** The collector's HTTP server. */
export class HttpTransport {
  readonly server: Server;
  readonly #options: HttpOptions;
  readonly #bodies: BodyReader;
  readonly #keeper: TlsKeeper | null;
  #draining = false;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#bodies = new BodyReader(options.settings);
    this.#keeper = options.tls && keeperOf(options.tls, options);
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#handle(request, response);
    };
    this.server = this.#keeper
      ? createTlsServer({ ...LIMITS, ...this.#keeper.serverOptions() }, handle)
      : createServer(LIMITS, handle);
    if (this.server instanceof TlsServer) this.#keeper?.keep(this.server);
    this.server.maxConnections = MAX_CONNECTIONS;
    tellListenerErrors(this.server, (error) => options.log.error({ error }, "HTTP listener"));
  }

  /** Looks at once whether the files of its TLS have changed. */
  reloadCertificates(): void {
    this.#keeper?.reload();
  }

  /** Stops taking connections, lets what is under way finish, and resolves when all is answered. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#keeper?.stop();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    const deadline = setTimeout(() => this.server.closeAllConnections(), DRAIN_MS);
    await closed;
    clearTimeout(deadline);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? "/";
    // "//" and the like are no paths of ours, and would not even parse.
    const url = URL.canParse(target, ORIGIN) ? new URL(target, ORIGIN) : new URL("/", ORIGIN);
    const push = this.#options.receptions.own.pushRoutes.find(({ path }) => path === url.pathname);
    let status = 500;
    try {
      status = await (push
        ? this.#push(request, response, { push, url })
        : this.#answer(request, response, url));
    } catch (error) {
      status = this.#fail(error, response, (problem) => push?.refusal(problem, request.headers));
    }
    const own = IngestRoutes.serves(url.pathname) ? url.pathname.split("/").slice(0, 3).join("/") : "other";
    const route = push?.path ?? own;
    this.#options.metrics.requests.inc({ route, status: String(status) });
  }

  async #answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<number> {
    if (this.#draining) response.setHeader("connection", "close");
    if (READ_ROUTES.includes(url.pathname)) return this.#read(request, response, url);
    if (!IngestRoutes.serves(url.pathname))
      throw new HttpProblem(404, `there is no ${url.pathname.slice(0, 100)} here`);
    if (request.method !== "POST") throw wrongMethod(response, "POST");
    if (WRONG_TYPES.test(request.headers["content-type"] ?? ""))
      throw new HttpProblem(415, "send NDJSON, JSON or plain lines");
    const { grant, reception, body } = await this.#body(request, url);
    const key = request.headers["idempotency-key"];
    const reply = await reception.routes.accept({
      path: url.pathname,
      query: url.searchParams,
      body,
      idempotencyKey: typeof key === "string" && key !== "" ? key : null,
      grant,
    });
    return json(response, 200, reply);
  }

  async #push(
    request: IncomingMessage,
    response: ServerResponse,
    { push, url }: { push: PushRoute; url: URL },
  ): Promise<number> {
    if (this.#draining) response.setHeader("connection", "close");
    if (request.method !== "POST") throw wrongMethod(response, "POST");
    const { headers } = request;
    const { grant, reception, body } = await this.#body(request, url, push);
    const own = reception.pushRoutes.find(({ path }) => path === push.path) ?? push;
    return send(response, await own.accept({ headers, query: url.searchParams, body, grant }));
  }

  /** Reads the body of one who may send it, where there is room for what it brings. */
  async #body(request: IncomingMessage, url: URL, push: PushRoute | null = null): Promise<Taken> {
    if (this.#draining)
      throw new HttpProblem(503, "the collector is stopping", { retryAfterS: RETRY_AFTER_S });
    const { admission, receptions } = this.#options;
    const grant = admission.admit(request, scopeOf(url.pathname), url.searchParams);
    push?.check(request.headers);
    const reception = await receptions.of(grant.tenant);
    refuseWhenFull(reception);
    const { body, sentBytes } = await this.#bodies.read(request, push?.codings);
    admission.charge(request, grant, sentBytes);
    // Others may have filled the queue while this body was on its way.
    refuseWhenFull(reception);
    return { grant, reception, body };
  }

  async #read(request: IncomingMessage, response: ServerResponse, url: URL): Promise<number> {
    if (request.method !== "GET" && request.method !== "HEAD") throw wrongMethod(response, "GET, HEAD");
    if (url.pathname === "/healthz") return json(response, 200, this.#health());
    this.#options.admission.admit(request, "read", new URLSearchParams());
    const { registry } = this.#options.metrics;
    response.writeHead(200, { "content-type": registry.contentType });
    response.end(await registry.metrics());
    return 200;
  }

  /** It runs: whoever restarts what does not answer 200 must not do so because another collector is away. */
  #health(): object {
    const forwarding = this.#options.forwarding();
    if (forwarding === null) return { status: "ok" };
    return { status: forwarding === "stuck" ? "degraded" : "ok", forwarding };
  }

  #fail(
    error: unknown,
    response: ServerResponse,
    refusal: (problem: HttpProblem) => PushAnswer | undefined,
  ): number {
    const problem = this.#problemOf(error);
    this.#options.metrics.rejected.inc({ reason: `http_${problem.status}` });
    if (response.headersSent || response.destroyed) return problem.status;
    if (problem.retryAfterS !== null) response.setHeader("retry-after", String(problem.retryAfterS));
    if (problem.status === 401) response.setHeader("www-authenticate", 'Bearer realm="reprise"');
    // The rest of a body that was not read would be taken for the next request.
    response.setHeader("connection", "close");
    const answer = refusal(problem);
    if (answer) return send(response, answer);
    return json(response, problem.status, problem.reply ?? { error: problem.message });
  }

  #problemOf(error: unknown): HttpProblem {
    if (error instanceof HttpProblem) return error;
    if (error instanceof WorldError) {
      this.#options.log.error({ error: error.message }, "push not accepted");
      return new HttpProblem(503, "the events could not be made durable; nothing was accepted", {
        retryAfterS: RETRY_AFTER_S,
      });
    }
    if ((error as NodeJS.ErrnoException).code === "ECONNRESET")
      return new HttpProblem(400, "the sender went away");
    this.#options.log.error({ error: (error as Error).stack }, "a push failed unexpectedly");
    return new HttpProblem(500, "the collector made a mistake; it is in its log");
  }
}

type Taken = { readonly grant: Grant; readonly reception: Reception; readonly body: Buffer };

function scopeOf(path: string): TokenScope {
  if (path === "/v1/changes") return "changes";
  return path === "/v1/keys" ? "keys" : "handshakes";
}

function refuseWhenFull({ pipeline }: Reception): void {
  if (pipeline.held !== null) throw new HttpProblem(503, pipeline.held, { retryAfterS: HELD_RETRY_AFTER_S });
  if (pipeline.isFull)
    throw new HttpProblem(429, "the queue is full: too many events wait for the disk", {
      retryAfterS: RETRY_AFTER_S,
    });
}

function keeperOf(files: TlsFiles, { metrics, clock, log, own }: HttpOptions): TlsKeeper {
  return new TlsKeeper({
    // A sender without a certificate may have a token: who it is shows with each request.
    ...{ what: "the HTTP port", files, mustVerify: false, clock, log },
    ...{ handshakes: metrics.httpTlsHandshakes, reloads: metrics.httpTlsReloads },
    seen: (socket) => own.see(socket),
  });
}

function wrongMethod(response: ServerResponse, allowed: string): HttpProblem {
  response.setHeader("allow", allowed);
  return new HttpProblem(405, `this route takes ${allowed} only`);
}

function json(response: ServerResponse, status: number, body: unknown): number {
  return send(response, { status, contentType: "application/json", body: JSON.stringify(body) });
}

function send(response: ServerResponse, { status, contentType, body }: PushAnswer): number {
  if (contentType === null) response.writeHead(status);
  else response.writeHead(status, { "content-type": contentType, "content-length": Buffer.byteLength(body) });
  response.end(contentType === null ? undefined : body);
  return status;
}
