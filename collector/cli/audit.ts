import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Writable } from "node:stream";
import type { Command } from "commander";
import { inWhole } from "../../lib/domain/words.ts";
import { entryView } from "../../lib/read/audit.ts";
import { readSettings, type Settings } from "../../lib/runtime/settings.ts";
import { type ChainReport, verifyChain } from "../../lib/store/audit-chain.ts";
import { DATABASE_NAME, openReadStore } from "../../lib/store/open.ts";
import type { ReadStore } from "../../lib/store/port.ts";
import { INSTALLATION } from "../../lib/store/port-audit.ts";

type Streams = { readonly stdout: Writable; readonly stderr: Writable };
type Whose = { readonly tenant: string; readonly installation?: boolean };
type VerifyArguments = Whose & { readonly head?: string; readonly json?: boolean };

const PORTION = 1_000;
const HASH = /^[0-9a-f]{64}$/;

/** Adds `reprise audit verify|export`. */
export function registerAudit(program: Command): void {
  const audit = program.command("audit").description("the log of what people changed");
  const own = (name: string, about: string): Command =>
    audit
      .command(name)
      .description(about)
      .option("--tenant <name>", "whose log", "default")
      .option("--installation", "the installation's own log: restores, erased tenants");
  own("verify", "walk the chain of the log, and name the first entry that is not as it was written")
    .option("--head <hash>", "a hash that was printed before: it must still be in the chain")
    .option("--json", "print as JSON")
    .action(async (options: VerifyArguments) => {
      process.exitCode = await verifyCommand(options, readSettings(process.env), process);
    });
  own("export", "print every entry, oldest first, one JSON object a line").action(async (options: Whose) => {
    process.exitCode = await exportCommand(options, readSettings(process.env), process);
  });
}

/** `reprise audit verify`. Answers the exit code: 1 for a log that is not as it was written, 2 for a head that is no hash. */
export function verifyCommand(input: VerifyArguments, settings: Settings, io: Streams): Promise<number> {
  const { head = null, json } = input;
  if (head !== null && !HASH.test(head)) {
    io.stderr.write("--head takes a hash of 64 hex digits, as reprise audit verify prints it.\n");
    return Promise.resolve(2);
  }
  return onLog(input, { settings, io }, async (store, tenant) => {
    const report = await verifyChain(store.audit, tenant, head);
    const sound = report.broken === null && report.headFound !== false;
    const text = json ? JSON.stringify({ sound, ...report }) : inWords(report);
    (sound || json ? io.stdout : io.stderr).write(`${text}\n`);
    return sound ? 0 : 1;
  });
}

function inWords({ entries, head, broken, headFound }: ChainReport): string {
  if (broken) return `Entry ${broken.id} is the first that is broken: ${broken.why}. Those before it hold.`;
  if (headFound === false)
    return `The ${inWhole(entries)} entries hold, but the head is not among them: the end of the log was cut off or written anew.`;
  return entries === 0 ? "The log is empty." : `All ${inWhole(entries)} entries hold. Head: ${head}`;
}

/** `reprise audit export`. Answers the exit code. */
export function exportCommand(input: Whose, settings: Settings, io: Streams): Promise<number> {
  return onLog(input, { settings, io }, async (store, tenant) => {
    let afterId = 0;
    for (;;) {
      const portion = await store.audit.walkAudit(tenant, { afterId, limit: PORTION });
      for (const entry of portion) io.stdout.write(`${JSON.stringify(entryView(entry))}\n`);
      afterId = portion.at(-1)?.id ?? afterId;
      if (portion.length < PORTION) return 0;
    }
  });
}

async function onLog(
  { tenant, installation }: Whose,
  { settings, io }: { readonly settings: Settings; readonly io: Streams },
  work: (store: ReadStore, tenant: number) => Promise<number>,
): Promise<number> {
  const file = join(resolve(settings.dataDir), DATABASE_NAME);
  const store = existsSync(file) ? openReadStore({ file }) : null;
  try {
    const id = installation ? INSTALLATION : await store?.tokens.findTenant(tenant);
    if (store && id != null) return await work(store, id);
    io.stderr.write(
      store ? `There is no tenant ${tenant}.\n` : `There is no store at ${file}: set REPRISE_DATA_DIR.\n`,
    );
    return 1;
  } finally {
    await store?.close();
  }
}
