/** `npm start`: installs, generates, migrates, builds and runs collector and console; with --demo the lab fleet too. */
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, checkNode, fail, generate, goOnUnderOwnNode, install, ownPath, ROOT } from "./steps.mjs";

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;

checkNode();
process.chdir(ROOT);
const isDemo = process.argv.includes("--demo");
// The demo's data is made up, and it runs on loopback: nobody has to sign in to look at it.
if (isDemo) process.env.REPRISE_AUTH ??= "off";
// Told before the long part: the folder and the ports.
if (process.env.REPRISE_OWN_NODE !== "1") await preflight(process.env);
await install();
await goOnUnderOwnNode(fileURLToPath(import.meta.url));
await generate();
const { readSettings, SettingsError } = await import("../lib/runtime/settings.ts");
const settings = load();
await migrateStore();
await build();
await run();

function load() {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (error instanceof SettingsError) fail(error.message);
    throw error;
  }
}

async function preflight(environment) {
  const dataDir = environment.REPRISE_DATA_DIR || "./data";
  try {
    makeFolder(resolve(dataDir));
  } catch (error) {
    fail(`The data folder ${dataDir} cannot be written: ${error.message}. Set REPRISE_DATA_DIR to another.`);
  }
  for (const [variable, fallback, hostVariable] of [
    ["PORT", "3000", "HOST"],
    ["REPRISE_COLLECTOR_PORT", "4319", "REPRISE_COLLECTOR_HOST"],
    ["REPRISE_SYSLOG_PORT", "5514", "REPRISE_COLLECTOR_HOST"],
  ]) {
    const host = environment[hostVariable] || "127.0.0.1";
    const port = Number(environment[variable] || fallback);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      fail(`${variable} must be a port from 0 to 65535.`);
    if (port > 0 && (await inUse(port, host)))
      fail(`Port ${port} is in use: free it or set ${variable} to another.`);
  }
}

// As lib/runtime/folder.ts, which this Node may not be able to read yet.
function makeFolder(path) {
  if (!existsSync(path)) {
    makeFolder(dirname(path));
    mkdirSync(path);
  }
  accessSync(path, constants.W_OK | constants.X_OK);
}

function inUse(port, host) {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", (error) => done(error.code === "EADDRINUSE"));
    server.listen(port, host, () => server.close(() => done(false)));
  });
}

async function migrateStore() {
  const { migrate } = await import("../lib/store/migrate.ts");
  const { DATABASE_NAME } = await import("../lib/store/open.ts");
  const { applied } = await migrate(join(resolve(settings.dataDir), DATABASE_NAME));
  if (applied.length) process.stdout.write(`Migrated the store (${applied.join(", ")})\n`);
}

async function run() {
  const cli = join(ROOT, "bin", "reprise.mjs");
  const next = join(ROOT, "node_modules", "next", "dist", "bin", "next");
  const env = { ...process.env, ...ownPath(), NEXT_TELEMETRY_DISABLED: "1" };
  const children = [];
  let stopping = false;
  const stop = async (code) => {
    if (stopping) return;
    stopping = true;
    const late = setTimeout(() => {
      for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
    }, STOP_WITHIN_MS);
    // The collector last, so that nothing sent on the way out is lost.
    for (const child of [...children].reverse()) {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((done) => child.once("exit", done));
        child.kill("SIGTERM");
        await gone;
      }
    }
    clearTimeout(late);
    process.exit(code);
  };
  // Children get a group of their own, so that a terminal's Ctrl-C reaches them once and in order, through us.
  const start = (words) => {
    const child = spawn(process.execPath, words, {
      cwd: ROOT,
      env,
      stdio: ["ignore", "ignore", "inherit"],
      detached: true,
    });
    children.push(child);
    child.on("exit", (code) => {
      if (!stopping)
        process.stderr.write(
          `${/next|console/.test(words[0]) ? "The console" : words.slice(1).join(" ")} ended (${code}).\n`,
        );
      void stop(code || 1);
    });
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void stop(0));
  // The lab's past is judged by the lab's time, so its collector runs with it, in one process.
  start(isDemo ? [cli, "fleet", "demo"] : [cli, "collector"]);
  const isTls = settings.tlsCert !== "";
  const plain = [next, "start", "-p", String(settings.consolePort), "-H", settings.consoleHost];
  start(isTls ? [join(ROOT, "scripts", "console.mjs")] : plain);
  const consoleUrl = `${isTls ? "https" : "http"}://${nearBy(settings.consoleHost)}:${settings.consolePort}`;
  const scheme = settings.collectorTlsCert === "" ? "http" : "https";
  const collectorUrl = `${scheme}://${nearBy(settings.collectorHost)}:${settings.collectorPort}`;
  await Promise.all([ready(`${collectorUrl}/healthz`), ready(`${consoleUrl}/healthz`)]);
  // A day that is played begins a day ago: the last hour is empty until it has been reached.
  const view = isDemo ? "/?range=24h" : "";
  process.stdout.write(`Console   ${consoleUrl}${view}\nCollector ${collectorUrl}\n`);
  if (settings.auth === "off")
    process.stdout.write("Sign-in is off: whoever reaches the console administers it.\n");
  else await tellFirstLink();
}

/** Where nobody signs in yet: the link by which the first administrator is made. */
async function tellFirstLink() {
  const { openAuthDatabase } = await import("../lib/store/auth-database.ts");
  const { DATABASE_NAME, openPeopleStore } = await import("../lib/store/open.ts");
  const { makeLogger } = await import("../lib/runtime/log.ts");
  const { openPeople } = await import("../lib/people/open.ts");
  const { consoleUrlOf } = await import("../lib/runtime/console-url.ts");
  const { firstLink } = await import("../lib/people/first-link.ts");
  const file = join(resolve(settings.dataDir), DATABASE_NAME);
  const [store, { database, close }] = [openPeopleStore({ file }), openAuthDatabase(file)];
  try {
    const people = openPeople(settings, { store, database, log: makeLogger(settings.logLevel) });
    const link = await firstLink(people, { reader: store, consoleUrl: consoleUrlOf(settings) });
    if (link) process.stdout.write(`First administrator (once, within 24 hours): ${link}\n`);
  } finally {
    await close();
    await store.close();
  }
}

/** A host as an address of this machine, as it stands in a URL. */
function nearBy(host) {
  const near = { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] || host;
  return near.includes(":") ? `[${near}]` : near;
}

/** Whether a process of ours answers. Nothing is sent to it, so that its certificate need not be good for this name. */
function isOk(url) {
  return new Promise((done) => {
    const get = url.startsWith("https:") ? getHttps : getHttp;
    get(url, { rejectUnauthorized: false }, (response) => {
      response.resume();
      done(response.statusCode === 200);
    }).on("error", () => done(false));
  });
}

async function ready(url) {
  const endMs = Date.now() + READY_WITHIN_MS;
  while (Date.now() < endMs) {
    if (await isOk(url)) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  process.stderr.write(`${url} does not answer.\n`);
}
