import {
  findImportsRequest,
  type PortionHeader,
  type PortionItem,
  portionHeader,
  portionItem,
} from "../../lib/contract/import.ts";
import type { IngestReply } from "../../lib/contract/ingest.ts";
import type { Grant } from "../../lib/domain/source-token.ts";
import type { Clock } from "../../lib/runtime/clock.ts";
import { parseJson } from "../../lib/runtime/json.ts";
import type { Settings } from "../../lib/runtime/settings.ts";
import type { TenantId, WriteStore } from "../../lib/store/port.ts";
import { scopeProblem } from "../access/allowed.ts";
import { emptyIntake, type Intake, refuse, type TimeWindow, take } from "../pipeline/intake.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { type DecodedWire, decodeWire } from "../sources/native/parse.ts";
import { findSource } from "../sources/registry.ts";
import { logOrigin } from "../sources/source.ts";
import { HttpProblem } from "./body.ts";
import type { PushAnswer, PushRequest, PushRoute } from "./push-route.ts";

export const IMPORTS_PATH = "/v1/imports";
export const FIND_IMPORTS_PATH = "/v1/imports/find";

export type ImportOptions = {
  readonly tenant: TenantId;
  readonly pipeline: Pipeline;
  readonly store: WriteStore;
  readonly clock: Clock;
  readonly settings: Pick<Settings, "maxPastMs" | "maxFutureMs">;
};

/** Answers how far histories that begin like a given one have been imported. */
export class FindImportsRoute implements PushRoute {
  readonly path = FIND_IMPORTS_PATH;
  readonly codings: readonly string[] = [];
  readonly #store: WriteStore;
  readonly #tenant: TenantId;

  constructor(store: WriteStore, tenant: TenantId) {
    this.#store = store;
    this.#tenant = tenant;
  }

  check(): void {}

  async accept({ body }: PushRequest): Promise<PushAnswer> {
    const request = findImportsRequest.safeParse(jsonOf(body.toString("utf8")));
    if (!request.success) throw new HttpProblem(400, "a JSON object with source and head is expected");
    const imports = await this.#store.findImports(this.#tenant, request.data);
    return json(200, { imports: imports.map(({ id, lines, digest }) => ({ id, lines, digest })) });
  }

  refusal(problem: HttpProblem): PushAnswer {
    return json(problem.status, { error: problem.message });
  }
}

/**
 * Takes a portion of a history that `reprise import` has decoded. How far the import has come is made durable together
 * with what the portion brings, so a portion counts once, whatever is killed when, and however long ago it was.
 */
export class ImportRoute implements PushRoute {
  readonly path = IMPORTS_PATH;
  readonly codings: readonly string[] = [];
  readonly #options: ImportOptions;
  /** Portions of one history come one after the other. */
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  check(): void {}

  async accept({ body, grant }: PushRequest): Promise<PushAnswer> {
    const [first = "", ...rest] = body.toString("utf8").split("\n");
    const header = portionHeader.safeParse(jsonOf(first));
    if (!header.success || header.data.toLine < header.data.fromLine)
      throw new HttpProblem(400, "the first line is not the header of an import's portion");
    const key = `${header.data.source} ${header.data.head}`;
    const turn = (this.#tails.get(key) ?? Promise.resolve()).then(() => this.#take(header.data, rest, grant));
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(key, settled);
    try {
      return json(200, await turn);
    } finally {
      if (this.#tails.get(key) === settled) this.#tails.delete(key);
    }
  }

  refusal(problem: HttpProblem): PushAnswer {
    return json(problem.status, { error: problem.message });
  }

  async #take(header: PortionHeader, lines: readonly string[], grant: Grant): Promise<IngestReply> {
    const count = header.toLine - header.fromLine;
    const { source, head, id } = header;
    const { tenant, store } = this.#options;
    const known = await store.findImports(tenant, { source, head });
    // Sent again because the answer was lost, or taken by another import of the same file.
    if (known.some(({ lines, digest }) => lines === header.toLine && digest === header.digest))
      return { accepted: 0, rejected: 0, duplicate: count, errors: [] };
    const own = known.find((one) => one.id === id);
    // Only where it had come to just now is known of the other one, so that nothing tells which lines are in both.
    if (!own && known.length > header.seen)
      throw new HttpProblem(
        409,
        "a history that begins alike is being imported as well; try again once it is done",
      );
    const at = own?.lines ?? 0;
    if (at !== header.fromLine)
      throw new HttpProblem(
        409,
        `this import has come to line ${at}, but the portion begins at ${header.fromLine}`,
      );
    const intake = this.#read(header, lines, grant);
    intake.imports.push({ id, source, head, lines: header.toLine, digest: header.digest });
    await this.#options.pipeline.submit(intake);
    return {
      accepted: count - intake.rejected,
      rejected: intake.rejected,
      duplicate: 0,
      errors: intake.errors,
    };
  }

  #read(header: PortionHeader, lines: readonly string[], grant: Grant): Intake {
    const source = findSource(header.source);
    if (!source) throw new HttpProblem(400, `unknown source "${header.source}"`);
    const { clock, settings } = this.#options;
    const window = { nowMs: clock(), maxPastMs: settings.maxPastMs, maxFutureMs: settings.maxFutureMs };
    const key = { source: source.name, transport: "import", sender: header.node ?? "" };
    const intake = emptyIntake(key, logOrigin(source), grant);
    for (const line of lines) {
      if (line === "") continue;
      const item = portionItem.safeParse(jsonOf(line));
      if (!item.success) throw new HttpProblem(400, "a line of the portion is not what an import sends");
      takeItem(intake, item.data, window);
    }
    return intake;
  }
}

function takeItem(intake: Intake, item: PortionItem, window: TimeWindow): void {
  if ("refused" in item) {
    refuse(intake, item.line, { reason: item.refused, line: item.text });
    return;
  }
  const decoded = decodedOf(item);
  const forbidden = scopeProblem(intake.grant, decoded.kind);
  take(intake, forbidden === null ? decoded : { kind: "refused", reason: forbidden }, {
    index: item.line,
    line: JSON.stringify(item).slice(0, 300),
    window,
  });
}

function decodedOf(item: Exclude<PortionItem, { refused: string }>): DecodedWire {
  if ("handshake" in item) return decodeWire("handshake", item.handshake);
  if ("key" in item) return decodeWire("key", item.key);
  return "change" in item ? decodeWire("change", item.change) : decodeWire("cache", item.cache);
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

function json(status: number, body: unknown): PushAnswer {
  return { status, contentType: "application/json", body: JSON.stringify(body) };
}
