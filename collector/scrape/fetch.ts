import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { createConnection, type Socket } from "node:net";
import type { Readable } from "node:stream";
import type { Target } from "./target.ts";

/** Why a scrape brought nothing. Few, since they are labels of a metric. */
export const FETCH_PROBLEMS = [
  "timeout",
  "refused",
  "unreachable",
  "redirect",
  "status",
  "too_large",
  "stopped",
] as const;
export type FetchProblem = (typeof FETCH_PROBLEMS)[number];

export type Fetched =
  | { readonly ok: true; readonly body: string }
  | { readonly ok: false; readonly problem: FetchProblem; readonly detail: string };

/** Largest answer, bytes: room for the JSON statistics of some thousand proxies. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Fetches a target's statistics within its timeout. Never throws; follows no redirect; asks for no compression. */
export async function fetchTarget(target: Target, stopped: AbortSignal): Promise<Fetched> {
  const timeout = AbortSignal.timeout(target.timeoutMs);
  const signal = AbortSignal.any([timeout, stopped]);
  try {
    return target.address.kind === "http" ? await overHttp(target, signal) : await overSocket(target, signal);
  } catch (error) {
    if (stopped.aborted) return { ok: false, problem: "stopped", detail: "the collector stops" };
    if (timeout.aborted)
      return { ok: false, problem: "timeout", detail: `no answer within ${target.timeoutMs / 1000} s` };
    return { ok: false, ...problemOf(error as NodeJS.ErrnoException) };
  }
}

function problemOf(error: NodeJS.ErrnoException): { problem: FetchProblem; detail: string } {
  if (error instanceof TooLarge) return { problem: "too_large", detail: error.message };
  const code = error.code ?? error.message.slice(0, 80);
  return code === "ECONNREFUSED"
    ? { problem: "refused", detail: "connection refused" }
    : { problem: "unreachable", detail: `cannot be reached (${code})` };
}

async function overHttp({ address, headers }: Target, signal: AbortSignal): Promise<Fetched> {
  if (address.kind !== "http") throw new TypeError("an HTTP address is expected");
  const { url } = address;
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = send(url, {
      agent: false,
      signal,
      headers: { accept: "application/json, text/plain;version=0.0.4, */*;q=0.1", ...headers },
    });
    request.once("response", resolve).on("error", reject).end();
  });
  const status = response.statusCode ?? 0;
  if (status === 200) return { ok: true, body: await bodyOf(response) };
  response.destroy();
  return status >= 300 && status < 400
    ? { ok: false, problem: "redirect", detail: `HTTP status ${status}: redirects are not followed` }
    : { ok: false, problem: "status", detail: `HTTP status ${status}` };
}

async function overSocket({ address, question }: Target, signal: AbortSignal): Promise<Fetched> {
  const socket = createConnection(addressOptions(address));
  const end = (): void => {
    socket.destroy(new Error("aborted"));
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    await connected(socket);
    socket.write(question ?? "");
    return { ok: true, body: await bodyOf(socket) };
  } finally {
    signal.removeEventListener("abort", end);
    socket.destroy();
  }
}

function addressOptions(address: Target["address"]): { path: string } | { host: string; port: number } {
  if (address.kind === "http") throw new TypeError("a socket address is expected");
  return address.kind === "unix" ? { path: address.path } : { host: address.host, port: address.port };
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("connect", resolve).on("error", reject);
  });
}

class TooLarge extends Error {}

async function bodyOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new TooLarge(`the answer is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
