import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import type { WireChange } from "../../lib/contract/ingest.ts";
import { systemClock } from "../../lib/runtime/clock.ts";
import { makeFolder } from "../../lib/runtime/folder.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import { FAULTS, type Scope } from "./faults.ts";
import { Fleet } from "./fleet.ts";
import { SESSION_TIMEOUT_S } from "./node.ts";

const ACTOR = "lab";
const TRIES = 10;
const MAX_BODY = 4_096;

export type RunningFleet = { readonly fleet: Fleet; readonly controlPort: number; stop(): Promise<void> };
export type RunOptions = { readonly rate: number; readonly rotateEveryMs: number };

/** Where a running fleet tells its control port. */
export const controlFile = (dataDir: string): string => join(dataDir, "fleet.json");

/** Starts the lab fleet, its control port and its scheduled rotations with overlap. */
export async function runFleet(settings: Settings, options: RunOptions): Promise<RunningFleet> {
  const collectorUrl = `http://${settings.collectorHost}:${settings.collectorPort}`;
  const fleet = new Fleet({ collectorUrl, rate: options.rate, clock: systemClock, random: Math.random });
  await fleet.start();
  const inject = (name: string, scope: Scope): Promise<void> =>
    injectFault(fleet, collectorUrl, { name, scope });
  const control = makeControl(fleet, inject);
  await new Promise<void>((resolve) => control.listen(0, "127.0.0.1", () => resolve()));
  const address = control.address();
  const controlPort = typeof address === "object" && address ? address.port : 0;
  makeFolder(settings.dataDir);
  writeFileSync(controlFile(settings.dataDir), JSON.stringify({ controlPort }));
  const rotation = setInterval(() => {
    fleet.rotate({}, SESSION_TIMEOUT_S * 1_000);
    const title = "Scheduled STEK rotation, the previous key kept for an hour";
    void record(collectorUrl, { ts: Date.now(), kind: "key_rotation", title, actor: ACTOR });
  }, options.rotateEveryMs);
  const stop = async (): Promise<void> => {
    clearInterval(rotation);
    control.close();
    rmSync(controlFile(settings.dataDir), { force: true });
    await fleet.stop();
  };
  return { fleet, controlPort, stop };
}

async function injectFault(
  fleet: Fleet,
  collectorUrl: string,
  { name, scope }: { readonly name: string; readonly scope: Scope },
): Promise<void> {
  const fault = FAULTS.find((each) => each.name === name);
  if (!fault)
    throw new Error(`Unknown fault "${name}". Known: ${FAULTS.map((each) => each.name).join(", ")}.`);
  const told = fault.run(fleet, scope);
  for (const { kind, title, scope: where } of told)
    await record(collectorUrl, {
      ts: Date.now(),
      kind,
      title,
      actor: ACTOR,
      endpoint: where.endpoint,
      node: where.node,
    });
}

async function record(collectorUrl: string, change: WireChange): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const ok = await fetch(`${collectorUrl}/v1/changes`, {
      method: "POST",
      body: JSON.stringify(change),
    }).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  process.stderr.write(`The collector did not take the change "${change.title}".\n`);
}

function makeControl(fleet: Fleet, inject: (name: string, scope: Scope) => Promise<void>): Server {
  return createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (chunks.length * 1_024 < MAX_BODY) chunks.push(chunk as Buffer);
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (request.method === "GET") return answer(200, statusOf(fleet));
    try {
      const { name, ...scope } = JSON.parse(Buffer.concat(chunks).toString()) as { name: string } & Scope;
      await inject(name, scope);
      answer(200, { done: name });
    } catch (error) {
      answer(400, { error: (error as Error).message });
    }
  });
}

function statusOf(fleet: Fleet): unknown {
  return {
    rate: fleet.options.rate,
    dropped: fleet.reporter.dropped,
    nodes: fleet.nodes.map((node) => ({
      endpoint: node.options.endpoint,
      node: node.options.node,
      region: node.options.region,
      port: node.port,
      key: node.currentKeyName.slice(0, 8),
    })),
  };
}

/** Asks the running fleet; throws a clear error when none runs. */
export async function askFleet(settings: Settings, body: unknown): Promise<unknown> {
  let controlPort: number;
  try {
    ({ controlPort } = JSON.parse(readFileSync(controlFile(settings.dataDir), "utf8")));
  } catch {
    throw new Error(`No lab fleet runs on ${settings.dataDir}. Start one with "npm run demo".`);
  }
  const url = `http://127.0.0.1:${controlPort}/`;
  const response = await fetch(url, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
  const reply = (await response.json()) as { error?: string };
  if (!response.ok) throw new Error(reply.error ?? `The fleet answered ${response.status}.`);
  return reply;
}
