/**
 * The console over TLS: `next start` speaks plain HTTP only. Certificates are read again when they change, slow clients are cut off, and
 * Reprise hears of this port's own handshakes as of any other's.
 */
import { createServer } from "node:https";
import { hostname } from "node:os";
import next from "next";
import { systemClock } from "../lib/runtime/clock.ts";
import { makeLogger } from "../lib/runtime/log.ts";
import { OwnHandshakes, pushOwn } from "../lib/runtime/own-handshakes.ts";
import { readSettings } from "../lib/runtime/settings.ts";
import { consoleTlsFiles } from "../lib/runtime/tls-files.ts";
import { TlsKeeper } from "../lib/runtime/tls-keeper.ts";
import { ROOT } from "./steps.mjs";

const LIMITS = { headersTimeout: 5_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 };
const MAX_CONNECTIONS = 4_096;
const TELL_EVERY_MS = 10_000;
const YEAR_S = 31_536_000;

const settings = readSettings(process.env);
const log = makeLogger(settings.logLevel);
const own = new OwnHandshakes("reprise-console", hostname());
const keeper = new TlsKeeper({
  what: "the console",
  files: consoleTlsFiles(settings),
  mustVerify: false,
  handshakes: { inc: () => undefined },
  reloads: { inc: () => undefined },
  seen: (socket) => own.see(socket),
  clock: systemClock,
  log,
});
const { consoleHost: host, consolePort: port } = settings;
const app = next({ dir: ROOT, dev: false, hostname: host, port });
await app.prepare();
const handle = app.getRequestHandler();
const server = createServer({ ...LIMITS, ...keeper.serverOptions() }, (request, response) => {
  response.setHeader("strict-transport-security", `max-age=${YEAR_S}`);
  void handle(request, response);
});
server.maxConnections = MAX_CONNECTIONS;
keeper.keep(server);
server.listen(port, host);
const telling = setInterval(() => {
  if (settings.watchItself) void pushOwn(own, settings, log);
}, TELL_EVERY_MS);

process.on("SIGHUP", () => keeper.reload());
for (const signal of ["SIGTERM", "SIGINT"])
  process.on(signal, () => {
    clearInterval(telling);
    keeper.stop();
    server.close(() => process.exit(0));
    // Event streams go on as long as somebody looks.
    server.closeAllConnections();
  });
