import { z } from "zod";
import { findImportsReply, type PortionHeader } from "../../lib/contract/import.ts";
import { type IngestReply, ingestReply } from "../../lib/contract/ingest.ts";
import { parseJson } from "../../lib/runtime/json.ts";
import { askCollector, type CollectorAccess, type CollectorAnswer } from "./collector-client.ts";

/** Tries of one request while the collector is busy or starts again, and the pause between them. */
const TRIES = 60;
const PAUSE_MS = 1_000;

export type KnownImport = z.infer<typeof findImportsReply>["imports"][number];

/** The collector's side of an import, over HTTP. */
export class ImportClient {
  readonly #access: CollectorAccess;

  constructor(access: CollectorAccess) {
    this.#access = access;
  }

  /** Imports that a history which begins so may continue. */
  async find(key: { readonly source: string; readonly head: string }): Promise<readonly KnownImport[]> {
    return findImportsReply.parse(await this.#post("/v1/imports/find", JSON.stringify(key))).imports;
  }

  /** Makes a portion durable; its items are JSON already. Sent again it counts nothing twice. */
  async take(header: PortionHeader, items: readonly string[]): Promise<IngestReply> {
    const body = [JSON.stringify(header), ...items].join("\n");
    return ingestReply.parse(await this.#post("/v1/imports", body));
  }

  async #post(path: string, body: string): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await askCollector(this.#access, path, { body }).catch((error: Error) => error);
      if (!(answer instanceof Error) && answer.status === 200) return parseJson(answer.text);
      const busy = answer instanceof Error || answer.status === 429 || answer.status === 503;
      if (!busy || attempt >= TRIES) throw new Error(sentence(answer));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

const problem = z.object({ error: z.string() });

function sentence(answer: CollectorAnswer | Error): string {
  if (answer instanceof Error) return `The collector does not answer: ${answer.message}.`;
  const { status, text } = answer;
  const said = problem.safeParse(jsonOf(text));
  return `The collector refused (${status}): ${said.success ? said.data.error : text.slice(0, 200)}.`;
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}
