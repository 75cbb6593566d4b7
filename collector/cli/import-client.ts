import { z } from "zod";
import { findImportsReply, type PortionHeader } from "../../lib/contract/import.ts";
import { type IngestReply, ingestReply } from "../../lib/contract/ingest.ts";

/** Tries of one request while the collector is busy or starts again, and the pause between them. */
const TRIES = 60;
const PAUSE_MS = 1_000;

export type KnownImport = z.infer<typeof findImportsReply>["imports"][number];

/** The collector's side of an import, over HTTP. */
export class ImportClient {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
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
      const response = await fetch(`${this.#base}${path}`, { method: "POST", body }).catch(
        (error: Error) => error,
      );
      if (!(response instanceof Error) && response.ok) return response.json();
      const busy = response instanceof Error || response.status === 429 || response.status === 503;
      if (!busy || attempt >= TRIES) throw new Error(await sentence(response));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

const problem = z.object({ error: z.string() });

async function sentence(response: Response | Error): Promise<string> {
  if (response instanceof Error) return `The collector does not answer: ${response.message}.`;
  const text = await response.text();
  const said = problem.safeParse(jsonOf(text));
  return `The collector refused (${response.status}): ${said.success ? said.data.error : text.slice(0, 200)}.`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
