import type { z } from "zod";
import type { ErrorReply } from "@/lib/contract/read.ts";
import { ParameterProblem } from "@/lib/read/problem.ts";
import { WorldError } from "@/lib/runtime/invariant.ts";

/** Of every answer: read anew each time, and never taken for another type. */
export const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** A JSON answer that nobody caches. */
export function json(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: HEADERS });
}

/** An error in the form of the contract. */
export function problem(status: number, error: ErrorReply): Response {
  return json(error, status);
}

/** Query parameters by a contract. Throws ParameterProblem with the first field that does not fit. */
export function parametersOf<T extends z.ZodType>(request: Request, contract: T): z.infer<T> {
  const given = Object.fromEntries(new URL(request.url).searchParams);
  const parsed = contract.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = String(issue?.path[0] ?? "");
  if (given[field] === undefined) throw new ParameterProblem(field, `${field} is missing`);
  if (issue?.code === "invalid_value")
    throw new ParameterProblem(
      field,
      `${field} must be one of ${issue.values.join(", ")}, not "${given[field]}"`,
    );
  throw new ParameterProblem(field, `${field}: ${issue?.message ?? "not usable"}`);
}

/** A JSON body by a contract. Throws ParameterProblem with the first field that does not fit. */
export async function bodyOf<T extends z.ZodType>(request: Request, contract: T): Promise<z.infer<T>> {
  const body = parsedOf(await textOf(request));
  const parsed = contract.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ParameterProblem(issue?.path.join(".") ?? "", issue?.message ?? "not usable");
}

/** Most bytes of a body that people send: a rules file of some thousand rules. */
const MOST_BODY_BYTES = 1_048_576;

async function textOf(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BODY_BYTES)
      throw new ParameterProblem("", `the body is longer than ${MOST_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What is answered with a status and a sentence of its own. */
class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** There is no such thing, or not for whoever asks: answered with 404. */
export class NotFoundProblem extends Refusal {
  constructor(message: string) {
    super(404, message);
  }
}

/** Not for whoever asks, role or not: answered with 403. */
export class ProhibitedProblem extends Refusal {
  constructor(message: string) {
    super(403, message);
  }
}

/** Somebody asks more often than they may: answered with 429, and when to try again. */
export class TooManyProblem extends Refusal {
  constructor(retryS: number) {
    super(429, "This token asks too often.", { "retry-after": String(retryS) });
  }
}

/** What stands cannot be changed so: answered with 409. */
export class ConflictProblem extends Refusal {
  constructor(message: string) {
    super(409, message);
  }
}

/** Runs a handler and turns what it throws into an answer: 400 for parameters, its own status for a refusal, 503 for a store that does not answer. */
export async function answer(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ParameterProblem) return problem(400, { error: error.message, field: error.field });
    if (error instanceof Refusal) {
      const { status, message, headers } = error;
      return Response.json({ error: message }, { status, headers: { ...HEADERS, ...headers } });
    }
    if (error instanceof WorldError)
      return problem(503, {
        error: "The store does not answer. Is the collector running, and its data folder readable?",
      });
    throw error;
  }
}
