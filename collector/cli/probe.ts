import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { probeTargetBody, specOfBody } from "../../lib/contract/probe.ts";
import { loadSecret } from "../../lib/runtime/secret.ts";
import { type Settings, SettingsError } from "../../lib/runtime/settings.ts";
import { loadConfiguration } from "../configuration.ts";
import { systemLimiterDeps } from "../jobs/probe.ts";
import { Hasher } from "../pipeline/hasher.ts";
import { tryEarlyData } from "../probe/early-data.ts";
import { type ProbeFiles, shakeHands } from "../probe/handshake.ts";
import { Limiter } from "../probe/limiter.ts";
import { probeRound, type Round } from "../probe/round.ts";
import { type ConfiguredTarget, NO_PROBE_FILES, probeTargetsOf } from "../probe/target.ts";
import { isClean, jsonOf, textOf } from "./probe-report.ts";

export type ProbeArguments = {
  readonly endpoint?: string | undefined;
  readonly serverName?: string | undefined;
  readonly otherServerName?: string | undefined;
  readonly alpn?: string | undefined;
  readonly timeout?: string | undefined;
  readonly rate?: string | undefined;
  readonly ca?: string | undefined;
  readonly json?: boolean | undefined;
  /** [name=]host:port of each node; none: the targets of the configuration file. */
  readonly nodes: readonly string[];
};
type Streams = { readonly stdout: Writable; readonly stderr: Writable };

/**
 * `reprise probe`: one round over the nodes that are given, or over the targets of the configuration file, and a report. Keeps
 * nothing. Answers the exit code: 0 all as it should be, 1 something is wrong with a node or between nodes, 2 bad usage.
 */
export async function probeCommand(input: ProbeArguments, settings: Settings, io: Streams): Promise<number> {
  const targets = targetsToProbe(input, settings, io.stderr);
  if (targets === null) return 2;
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const found = await probeAll(targets, hasherOf(settings), stopping.signal);
    const nowMs = Date.now();
    io.stdout.write(
      input.json
        ? `${JSON.stringify(found.map(jsonOf))}\n`
        : found.map((one) => textOf(one, nowMs)).join("\n"),
    );
    return !stopping.signal.aborted && found.every((one) => isClean(one, nowMs)) ? 0 : 1;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/** What one target showed. */
export type Probed = { readonly target: ConfiguredTarget; readonly round: Round };

async function probeAll(
  targets: readonly ConfiguredTarget[],
  hasher: Hasher,
  signal: AbortSignal,
): Promise<Probed[]> {
  const limiter = new Limiter(systemLimiterDeps);
  const found: Probed[] = [];
  for (const target of targets) {
    const { id, spec, files } = target;
    // Everything in one run, however big the pool; the budget of handshakes still holds.
    const whole = { ...spec, nodesPerRound: spec.nodes.length };
    const round = await probeRound(
      { id, spec: whole, files, round: 0 },
      {
        clock: Date.now,
        shake: shakeHands,
        earlyData: tryEarlyData,
        inTurn: (work) => limiter.run({ id, perMinute: spec.handshakesPerMinute, signal }, work),
        hashKeyName: (name) => hasher.hashKeyName(name),
        signal,
      },
    );
    found.push({ target, round });
  }
  return found;
}

function targetsToProbe(
  input: ProbeArguments,
  settings: Settings,
  stderr: Writable,
): readonly ConfiguredTarget[] | null {
  if (input.nodes.length === 0) {
    const configured = probeTargetsOf(loadConfiguration(settings.configFile).probe, settings.configFile);
    const wanted = configured.filter(({ endpoint }) => !input.endpoint || endpoint === input.endpoint);
    if (wanted.length > 0) return wanted;
    stderr.write(
      "Nothing to probe: name nodes as host:port, or targets under probe: in the file that REPRISE_CONFIG names.\n",
    );
    return null;
  }
  const parsed = probeTargetBody.safeParse(bodyOf(input));
  if (parsed.success)
    return [
      { id: "command", endpoint: parsed.data.endpoint, spec: specOfBody(parsed.data), files: filesOf(input) },
    ];
  const issue = parsed.error.issues[0];
  stderr.write(`${issue?.path.join(".")}: ${issue?.message}\n`);
  return null;
}

function bodyOf(input: ProbeArguments): object {
  const { serverName, otherServerName, alpn, timeout, rate } = input;
  const nodes = input.nodes.map((text) => {
    const [, name = text, address = text] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    return { name, address };
  });
  return {
    endpoint: input.endpoint ?? serverName ?? nodes[0]?.address,
    // Without a name nothing is asked for by SNI: an address is no name.
    serverName: serverName ?? null,
    ...(otherServerName === undefined ? {} : { otherServerName }),
    ...(alpn === undefined ? {} : { alpn: alpn.split(",").map((protocol) => protocol.trim()) }),
    ...(timeout === undefined ? {} : { timeoutMs: Number(timeout) * 1_000 }),
    ...(rate === undefined ? {} : { handshakesPerMinute: Number(rate) }),
    nodes,
    pairsPerRound: Math.min(1_000, nodes.length * (nodes.length - 1)),
  };
}

function filesOf({ ca }: ProbeArguments): ProbeFiles {
  if (ca === undefined) return NO_PROBE_FILES;
  try {
    return { ...NO_PROBE_FILES, ca: readFileSync(ca, "utf8") };
  } catch (error) {
    throw new SettingsError(`--ca: ${ca} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** The installation's own hashes where it has a secret, so that keys here are those of the console; otherwise any. */
function hasherOf({ dataDir }: Settings): Hasher {
  return new Hasher(existsSync(join(dataDir, "secret")) ? loadSecret(dataDir) : randomBytes(32));
}
