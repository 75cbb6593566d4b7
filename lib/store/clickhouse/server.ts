import { Readable } from "node:stream";
import { type ClickHouseClient, ClickHouseError, createClient } from "@clickhouse/client";
import { WorldError } from "../../runtime/invariant.ts";
import { type Address, addressOf } from "./address.ts";

const REQUEST_TIMEOUT_MS = 60_000;
/** Statements name the segments that they are about. */
const SETTINGS = { max_query_size: "33554432" };
/** What trying again does not mend: syntax, unknown table or column, user, password, rights. */
const FINAL_CODES = new Set(["47", "60", "62", "192", "193", "194", "497", "516"]);

/** One database on a ClickHouse server, by its HTTP interface. Connects with the first statement. */
export class Server {
  readonly database: string;
  readonly #address: Address;
  readonly #client: ClickHouseClient;

  /** Throws an Error with a sentence where the URL cannot be read. */
  constructor(url: string) {
    this.#address = addressOf(url);
    this.database = this.#address.database;
    const { database: _, ...access } = this.#address;
    // Not the database: it is not there before it was made, and every statement names it.
    this.#client = createClient({
      ...access,
      request_timeout: REQUEST_TIMEOUT_MS,
      clickhouse_settings: SETTINGS,
      log: { level: 127 },
    });
  }

  /** Rows of a SELECT, as arrays. */
  async rows<Row>(what: string, query: string): Promise<Row[]> {
    return this.#tried(what, async () => {
      const result = await this.#client.query({ query, format: "JSONCompact" });
      return (await result.json<Row>()).data;
    });
  }

  async run(what: string, query: string): Promise<void> {
    await this.#tried(what, () => this.#client.command({ query }));
  }

  /** Inserts lines of tab-separated values, as one part where they lie in one partition. */
  async insert(
    what: string,
    into: { readonly table: string; readonly lines: string; readonly id: string },
  ): Promise<void> {
    await this.#tried(what, () =>
      this.#client.insert({
        table: `${this.database}.${into.table}`,
        values: Readable.from([into.lines], { objectMode: false }),
        format: "TabSeparated",
        query_id: into.id,
      }),
    );
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #tried<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const retryable = !FINAL_CODES.has(codeOf(cause));
      throw new WorldError(`${what} in ClickHouse: ${firstLine(cause)}`, { retryable, cause });
    }
  }
}

/** The server's number of an error; older servers write it in a way that the client does not read. */
function codeOf(cause: unknown): string {
  if (cause instanceof ClickHouseError && cause.code) return cause.code;
  return /^Code: (\d{1,5})[.,]/.exec(cause instanceof Error ? cause.message : "")?.[1] ?? "";
}

function firstLine(cause: unknown): string {
  const text =
    cause instanceof Error
      ? cause.message || String(Reflect.get(cause, "code") ?? cause.name)
      : String(cause);
  return (text.trim().split("\n")[0] ?? text).slice(0, 300);
}
