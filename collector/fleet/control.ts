import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder } from "../../lib/runtime/folder.ts";
import { parseJson } from "../../lib/runtime/json.ts";
import type { Fleet } from "./fleet.ts";
import { type Order, OrderError } from "./inject.ts";

const MAX_BODY = 4_096;
const wireOrder = z.object({
  name: z.string(),
  endpoint: z.string().optional(),
  node: z.string().optional(),
  forMinutes: z.number().nullish(),
});
/** An order as it is told to a running fleet. */
export type WireOrder = z.input<typeof wireOrder>;
export type Control = { readonly port: number; stop(): void };

/** Where a running fleet tells its control port. */
const controlFile = (dataDir: string): string => join(dataDir, "fleet.json");

/** Opens a port on loopback for orders and questions, and tells it in the data folder. */
export async function openControl(
  fleet: Fleet,
  dataDir: string,
  obey: (order: Order) => Promise<void>,
): Promise<Control> {
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (request.method === "GET") return answer(200, statusOf(fleet));
    try {
      const order = orderOf(await textOf(request));
      await obey(order);
      answer(200, { done: order.name });
    } catch (error) {
      if (isNoOrder(error))
        answer(400, { error: "An order is JSON: name, and perhaps endpoint, node, forMinutes." });
      else answer(error instanceof OrderError ? 400 : 500, { error: (error as Error).message });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  makeFolder(dataDir);
  writeFileSync(controlFile(dataDir), JSON.stringify({ controlPort: port }));
  const stop = (): void => {
    server.close();
    rmSync(controlFile(dataDir), { force: true });
  };
  return { port, stop };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new OrderError(`An order may have ${MAX_BODY} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

const isNoOrder = (error: unknown): boolean => error instanceof SyntaxError || error instanceof z.ZodError;

function orderOf(text: string): Order {
  const { name, endpoint, node, forMinutes } = wireOrder.parse(parseJson(text));
  return { name, scope: { endpoint, node }, forMinutes: forMinutes ?? null };
}

function statusOf({ nodes, options, reporter, isFlooded }: Fleet): unknown {
  const { dropped, taken, refused, refusal } = reporter;
  return {
    labTime: new Date(options.clock.now()).toISOString(),
    live: options.clock.live,
    perMinute: options.perMinute,
    flooded: isFlooded,
    handshakes: { taken, dropped, refused, refusal },
    nodes: nodes.map((node) => ({
      endpoint: node.options.endpoint,
      node: node.options.node,
      region: node.options.region,
      port: node.port,
      key: node.currentKeyName.slice(0, 8),
      ownKeys: node.isDesynchronised,
      tickets: node.hasTickets,
      muted: node.muted,
    })),
  };
}

/** Asks the fleet that runs on a data folder, or gives it an order. Throws an Error, in one sentence, where that fails. */
export async function askFleet(dataDir: string, order?: WireOrder): Promise<unknown> {
  let controlPort: number;
  try {
    ({ controlPort } = JSON.parse(readFileSync(controlFile(dataDir), "utf8")));
  } catch {
    throw new Error(`No lab fleet runs on ${dataDir}. Start one with "npm run demo".`);
  }
  const url = `http://127.0.0.1:${controlPort}/`;
  const init = order ? { method: "POST", body: JSON.stringify(order) } : {};
  const response = await fetch(url, init).catch(() => null);
  if (!response)
    throw new Error(`The lab fleet on ${dataDir} does not answer. Start one with "npm run demo".`);
  const reply = (await response.json()) as { error?: string };
  if (!response.ok) throw new Error(reply.error ?? `The fleet answered ${response.status}.`);
  return reply;
}
