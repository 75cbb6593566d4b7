import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Writable } from "node:stream";
import type { Command } from "commander";
import {
  type SourceToken,
  TOKEN_LIMITS,
  TOKEN_SCOPES,
  type TokenScope,
  tokenState,
} from "../../lib/domain/source-token.ts";
import { newToken, successorOf } from "../../lib/people/new-token.ts";
import { readSettings, type Settings } from "../../lib/runtime/settings.ts";
import { migrate } from "../../lib/store/migrate.ts";
import { DATABASE_NAME, openPeopleStore } from "../../lib/store/open.ts";
import type { PeopleStore, TenantId } from "../../lib/store/port.ts";

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DEFAULT_OVERLAP = "24h";
const FIT_NAME = /^[\x20-\x7e\u00a0-\uffff]+$/;

type Io = { readonly stdout: Writable; readonly stderr: Writable; readonly nowMs: number };
type Common = { readonly tenant: string; readonly json?: boolean };
type Create = Common & {
  readonly name: string;
  readonly scope: string;
  readonly endpoint?: string;
  readonly node?: string;
  readonly expires?: string;
};
type Rotate = Common & { readonly overlap: string };
/** What a command answers: the same in words and as JSON; or a sentence about what is wrong, and the exit code. */
type Told =
  | { readonly text: string; readonly json: unknown }
  | { readonly problem: string; readonly code: 1 | 2 };
type Work = (store: PeopleStore, tenant: TenantId) => Promise<Told>;

/** Adds `reprise token create|list|rotate|revoke`. */
export function registerToken(program: Command): void {
  const token = program
    .command("token")
    .description("tokens of senders and scripts: who may send to the collector, and ask the console");
  const own = (name: string, about: string): Command =>
    token
      .command(name)
      .description(about)
      .option("--tenant <name>", "whose data it writes", "default")
      .option("--json", "print as JSON");
  const run = async (common: Common, work: (io: Io) => Work): Promise<void> => {
    const io = { stdout: process.stdout, stderr: process.stderr, nowMs: Date.now() };
    process.exitCode = await tokenCommand(common, readSettings(process.env), { io, work: work(io) });
  };
  own("create", "make a token; it is shown once and kept nowhere")
    .requiredOption("--name <text>", "what it is for, such as the host that sends with it")
    .option("--scope <list>", `of ${TOKEN_SCOPES.join(", ")}`, "handshakes,changes")
    .option("--endpoint <list>", "it may write these only (* stands for any characters)")
    .option("--node <list>", "the same for nodes")
    .option("--expires <time>", "when it ends: 90d, 12h, RFC 3339 or epoch ms (default: never)")
    .action((options: Create) => run(options, (io) => create(options, io)));
  own("list", "list the tokens of a tenant").action((options: Common) => run(options, list));
  own("rotate", "make a token that takes over from another, which lives on for a while")
    .option("--overlap <time>", "how long the old one lives on", DEFAULT_OVERLAP)
    .argument("<id>")
    .action((id: string, options: Rotate) => run(options, (io) => rotate(id, options, io)));
  own("revoke", "end a token at once")
    .argument("<id>")
    .action((id: string, options: Common) => run(options, (io) => revoke(id, io)));
}

/** Runs a command on the store, beside the collector. Answers the exit code: 2 for words that make no sense. */
export async function tokenCommand(
  { tenant, json }: Common,
  settings: Pick<Settings, "dataDir">,
  { io, work }: { readonly io: Io; readonly work: Work },
): Promise<number> {
  const file = join(resolve(settings.dataDir), DATABASE_NAME);
  if (!existsSync(file)) await migrate(file);
  const store = openPeopleStore({ file });
  try {
    const id = await store.tokens.findTenant(tenant);
    const told =
      id === null ? { problem: `There is no tenant "${tenant}".`, code: 1 as const } : await work(store, id);
    if ("problem" in told) {
      io.stderr.write(`${told.problem}\n`);
      return told.code;
    }
    io.stdout.write(`${json ? JSON.stringify(told.json) : told.text}\n`);
    return 0;
  } finally {
    await store.close();
  }
}

function create(input: Create, { nowMs }: Io): Work {
  return async (store, tenant) => {
    const scopes = namesIn(input.scope) ?? [];
    const unknown = scopes.find((scope) => !TOKEN_SCOPES.includes(scope as TokenScope));
    if (unknown !== undefined || scopes.length === 0)
      return wrong(`--scope takes ${TOKEN_SCOPES.join(", ")}, not "${unknown ?? ""}".`);
    const bounds = { endpoints: namesIn(input.endpoint), nodes: namesIn(input.node) };
    const bad = [input.name, ...(bounds.endpoints ?? []), ...(bounds.nodes ?? [])].find(
      (name) => !isFit(name),
    );
    if (bad !== undefined) return wrong(`"${bad.slice(0, 60)}" is no name.`);
    for (const names of [bounds.endpoints, bounds.nodes])
      if (names !== null && (names.length === 0 || names.length > TOKEN_LIMITS.names))
        return wrong(`A token is bound to 1 to ${TOKEN_LIMITS.names} names, or not at all.`);
    const expiresMs = input.expires === undefined ? null : momentOf(input.expires, nowMs);
    if (expiresMs !== null && !(expiresMs > nowMs))
      return wrong(`--expires has to lie ahead: ${input.expires}.`);
    const about = {
      tenant,
      name: input.name,
      scopes: [...new Set(scopes)] as TokenScope[],
      ...bounds,
      ...{ expiresMs, createdBy: onThisHost() },
    };
    const { token, text } = newToken(about, nowMs);
    await acting(store).createToken(tenant, token);
    return {
      text: `${text}\nIt is shown this once. Its id is ${token.id}.`,
      json: { token: text, ...shown(token, nowMs) },
    };
  };
}

function list({ nowMs }: Io): Work {
  return async (store, tenant) => {
    const tokens = (await store.tokens.readTokens(tenant)).map((token) => shown(token, nowMs));
    const lines = tokens.map((token) =>
      [
        ...[token.id, token.state.padEnd(7), token.scopes.join(","), token.name],
        ...[`last used ${token.lastUsed ?? "never"}`, `ends ${token.expires ?? "never"}`],
        ...(token.endpoints ? [`endpoints ${token.endpoints.join(",")}`] : []),
        ...(token.nodes ? [`nodes ${token.nodes.join(",")}`] : []),
      ].join("  "),
    );
    return { text: lines.join("\n") || "There are no tokens.", json: { tokens } };
  };
}

function rotate(id: string, { overlap }: Rotate, { nowMs }: Io): Work {
  return async (store, tenant) => {
    const untilMs = momentOf(overlap, nowMs);
    if (!(untilMs >= nowMs)) return wrong(`--overlap takes a time like 24h, not "${overlap}".`);
    const old = (await store.tokens.readTokens(tenant)).find((token) => token.id === id);
    if (!old) return unknownToken(id);
    const { token, text } = successorOf(old, { nowMs, by: onThisHost() });
    const isDone = await acting(store).rotateToken(tenant, { id, untilMs, successor: token });
    if (!isDone) return { problem: `${id} is revoked, or has a successor already.`, code: 1 };
    const until = new Date(Math.min(untilMs, old.expiresMs ?? untilMs)).toISOString();
    const words = `${text}\nIt is shown this once. Its id is ${token.id}; ${id} lives on until ${until}.`;
    return { text: words, json: { token: text, ...shown(token, nowMs), replaces: id, until } };
  };
}

function revoke(id: string, { nowMs }: Io): Work {
  return async (store, tenant) => {
    const isDone = await acting(store).revokeToken(tenant, { id, nowMs, by: onThisHost() });
    return isDone ? { text: `${id} is revoked.`, json: { id, revoked: true } } : unknownToken(id);
  };
}

/** Nobody is signed in on the host: who ran the command stands in the token itself. */
const acting = (store: PeopleStore) => store.as({ actor: null, address: null }).tokens;
const onThisHost = (): string => `${userInfo().username} (on the host)`;

/** A token for people: times as RFC 3339, and not the hash. */
function shown(token: SourceToken, nowMs: number) {
  const { id, name, scopes, endpoints, nodes, createdBy, revokedBy, successorId } = token;
  return {
    ...{
      id,
      name,
      state: tokenState(token, nowMs),
      scopes,
      endpoints,
      nodes,
      createdBy,
      revokedBy,
      successorId,
    },
    ...{ created: inRfc3339(token.createdMs), expires: inRfc3339(token.expiresMs) },
    ...{ lastUsed: inRfc3339(token.lastUsedMs), revoked: inRfc3339(token.revokedMs) },
  };
}

const inRfc3339 = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const wrong = (problem: string): Told => ({ problem, code: 2 });
const unknownToken = (id: string): Told => ({
  problem: `There is no token "${id}" that could be used.`,
  code: 1,
});

/** `a, b` as a list; null where nothing was given. */
const namesIn = (text: string | undefined): string[] | null =>
  text === undefined
    ? null
    : [...new Set(text.split(",").map((name) => name.trim()))].filter((name) => name !== "");

const isFit = (name: string): boolean => FIT_NAME.test(name) && name.length <= TOKEN_LIMITS.nameLength;

/** A moment: so long from now, epoch ms or RFC 3339; NaN where it is none. */
function momentOf(text: string, nowMs: number): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  if (match) return nowMs + Number(match[1]) * UNITS_MS[match[2] as keyof typeof UNITS_MS];
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text);
}
