import type { IncomingHttpHeaders } from "node:http";
import type { Grant } from "../../lib/domain/source-token.ts";
import type { HttpProblem } from "./body.ts";

/** A request whose body has been read (and decompressed, unless its coding is the route's own). */
export type PushRequest = {
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  /** What its sender may write. */
  readonly grant: Grant;
};

/** What is answered; without a body where `contentType` is null. */
export type PushAnswer = {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string | Uint8Array;
};

/** A route of another protocol than ours, which has its own content types, answers and refusals. */
export interface PushRoute {
  readonly path: string;
  /** Content codings that the route undoes itself. */
  readonly codings: readonly string[];
  /** Looks at the headers before the body is read. Throws HttpProblem. */
  check(headers: IncomingHttpHeaders): void;
  /** Takes a push once it is durable. Throws HttpProblem, or a WorldError. */
  accept(request: PushRequest): Promise<PushAnswer>;
  /** How a refusal is said in this protocol. */
  refusal(problem: HttpProblem, headers: IncomingHttpHeaders): PushAnswer;
}

/** A content type without its parameters, in lower case; "" where there is none. */
export function mediaType(headers: IncomingHttpHeaders): string {
  return (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}
