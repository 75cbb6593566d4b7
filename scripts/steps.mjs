/**
 * What has to be there before anything runs: packages, generated client, migrated store, built console, Debian's
 * programs for tests. Plain JavaScript without dependencies, since it runs before there are any, on the host's Node.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STAMPS = join(ROOT, "node_modules", ".cache", "steps");
const OWN_NODE = join(ROOT, "node_modules", ".bin", "node");
/** The oldest Node that can run these scripts; the product itself brings its own. */
const OLDEST = [20, 19];

/** Says what is wrong in one sentence and ends with 1. */
export function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

export function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    fail(
      `Reprise needs Node.js ${OLDEST.join(".")} or newer to start, and this is ${process.versions.node}.`,
    );
}

/** sha256 over files and folders (names and contents), for knowing whether a step is still done. */
export function digestOf(paths) {
  const hash = createHash("sha256");
  const visit = (path) => {
    const full = join(ROOT, path);
    if (!existsSync(full)) return;
    if (!statSync(full).isDirectory()) {
      hash.update(`${path}\0`).update(readFileSync(full));
      return;
    }
    for (const name of readdirSync(full).sort()) if (name !== "generated") visit(join(path, name));
  };
  for (const path of paths) visit(path);
  return hash.digest("hex");
}

/** Runs a step unless its inputs are those of its last success; shows its name, and how long it took. */
export async function step(name, { inputs, output = null, run }) {
  const stamp = join(STAMPS, name.replaceAll(" ", "-"));
  const digest = digestOf(inputs);
  const done =
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === digest &&
    (!output || existsSync(join(ROOT, output)));
  if (done) return;
  process.stdout.write(`${name} …`);
  const startMs = Date.now();
  await run();
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stamp, digest);
  process.stdout.write(` ${((Date.now() - startMs) / 1000).toFixed(1)} s\n`);
}

/** Runs a program quietly; its output is shown only when it fails. */
export function quietly(command, words, environment = {}) {
  return new Promise((resolve) => {
    const env = { ...process.env, ...ownPath(), NEXT_TELEMETRY_DISABLED: "1", ...environment };
    const child = spawn(command, words, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    child.on("error", (error) => fail(`\n${command} cannot be run: ${error.message}.`));
    child.on("exit", (code) => {
      if (code === 0) resolve();
      else fail(`\n${Buffer.concat(output)}\n${command} ${words.join(" ")} failed.`);
    });
  });
}

/** The environment in which `node` is the product's own. */
export function ownPath() {
  return { PATH: `${join(ROOT, "node_modules", ".bin")}:${process.env.PATH}` };
}

export async function install() {
  await step("Installing packages", {
    inputs: ["package-lock.json", "package.json"],
    output: "node_modules/next/package.json",
    run: () => quietly("npm", ["ci", "--include=dev", "--loglevel=error", "--no-audit", "--no-fund"]),
  });
}

/** Goes on under the product's own Node; on platforms without one, the running Node has to be new enough. */
export function goOnUnderOwnNode(script) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (process.env.REPRISE_OWN_NODE === "1") return;
  if (existsSync(OWN_NODE)) {
    const env = { ...process.env, ...ownPath(), REPRISE_OWN_NODE: "1" };
    const child = spawn(OWN_NODE, [script, ...process.argv.slice(2)], { env, stdio: "inherit" });
    // From a terminal the child has the signal already; it stops once however often it is told.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    return new Promise(() => child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0))));
  }
  if (major < 22 || (major === 22 && minor < 18))
    fail(`Reprise needs Node.js 22.18 or newer on this platform, and this is ${process.versions.node}.`);
}

export async function generate() {
  await step("Generating the database client", {
    inputs: ["prisma/schema.prisma", "prisma.config.js", "package-lock.json"],
    output: "lib/store/generated/client.ts",
    run: () => quietly("prisma", ["generate"]),
  });
  await step("Compiling the line scanner", {
    inputs: ["wasm", "package-lock.json"],
    output: "wasm/generated/line-scan.wasm",
    run: () => {
      const features = ["--enable", "simd,bulk-memory", "-O3", "--runtime", "stub", "--noAssert"];
      // 5 MiB: keys, patterns, lines and a portion of a body (wasm/line-scan.ts says where).
      const memory = ["--memoryBase", "512", "--initialMemory", "80", "--maximumMemory", "80"];
      const words = ["wasm/line-scan.ts", "--outFile", "wasm/generated/line-scan.wasm"];
      return quietly("asc", [...words, ...features, ...memory]);
    },
  });
}

export async function build() {
  await step("Building the console", {
    inputs: [
      "app",
      "instrumentation.ts",
      "proxy.ts",
      "components",
      "lib",
      "public",
      "next.config.js",
      "postcss.config.mjs",
      "tsconfig.json",
      "package-lock.json",
    ],
    output: ".next/BUILD_ID",
    run: () => quietly("next", ["build"]),
  });
}

const PROGRAMS = {
  nginx: "nginx-light",
  haproxy: "haproxy",
  caddy: "caddy",
  apache2: "apache2",
  traffic_server: "trafficserver",
  nghttpx: "nghttp2-proxy",
  hitch: "hitch",
  stunnel4: "stunnel4",
  "redis-server": "redis-server",
  memcached: "memcached",
  prometheus: "prometheus",
  "prometheus-alertmanager": "prometheus-alertmanager",
  openssl: "openssl",
  tcpdump: "tcpdump",
  tshark: "tshark",
  chromium: "chromium",
  "clickhouse-server": "clickhouse-server",
};
const has = (program) =>
  spawnSync("sh", ["-c", `command -v ${program}`], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  }).status === 0;

/** Debian's programs that tests use, installed where missing and allowed. Never touches what is there. */
export function installPrograms() {
  const missing = Object.keys(PROGRAMS).filter((program) => !has(program));
  if (missing.length === 0) return;
  const packages = missing.map((program) => PROGRAMS[program]);
  const line = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  if (process.getuid?.() !== 0 || !has("apt-get"))
    fail(`The tests need ${missing.join(", ")}. Run: sudo ${line}`);
  process.stdout.write(`Installing ${missing.join(", ")} …\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const words = [
    "-q",
    "-o",
    "DPkg::Lock::Timeout=300",
    "install",
    "-y",
    "--no-install-recommends",
    ...packages,
  ];
  const run = () => spawnSync("apt-get", words, { env, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
  if (run()) return;
  spawnSync("apt-get", ["-q", "update"], { env, stdio: ["ignore", "ignore", "inherit"] });
  if (!run()) fail(`The tests need ${missing.join(", ")}, and apt-get could not install them. Try: ${line}`);
}
