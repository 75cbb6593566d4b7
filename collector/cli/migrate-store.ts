import { existsSync } from "node:fs";
import type { Writable } from "node:stream";
import type { Command } from "commander";
import { inWhole } from "../../lib/domain/words.ts";
import { WorldError } from "../../lib/runtime/invariant.ts";
import { readSettings, type Settings } from "../../lib/runtime/settings.ts";
import { MoveProblem, moveSums } from "../../lib/store/move.ts";
import { openingOf } from "../../lib/store/open.ts";

type Streams = { readonly stdout: Writable; readonly stderr: Writable };

/** Adds `reprise migrate-store`. */
export function registerMigrateStore(program: Command): void {
  program
    .command("migrate-store")
    .description(
      "move 1-minute and hourly rollups from the data folder to REPRISE_STORE_URL; collector and console must not run",
    )
    .action(async () => {
      process.exitCode = await migrateStoreCommand(readSettings(process.env), process);
    });
}

/** `reprise migrate-store`. Answers the exit code: 2 without a URL, 1 when not everything was moved. */
export async function migrateStoreCommand(settings: Settings, io: Streams): Promise<number> {
  const { file, storeUrl } = openingOf(settings);
  if (storeUrl === "") {
    io.stderr.write("Where to? Set REPRISE_STORE_URL (docs/clickhouse.md).\n");
    return 2;
  }
  if (!existsSync(file)) {
    io.stderr.write(`There is no store at ${file}: set REPRISE_DATA_DIR.\n`);
    return 1;
  }
  try {
    const report = await moveSums(file, {
      url: storeUrl,
      tell: ({ stretch, of, rows }) =>
        io.stderr.write(`Copied and compared ${stretch} of ${of} stretches, ${inWhole(rows)} rows\n`),
    });
    io.stdout.write(
      report
        ? `Moved ${inWhole(report.rows)} rows; every figure is the same there. Start the collector with the same REPRISE_STORE_URL.\n`
        : "There is nothing to move: the sums are in ClickHouse already.\n",
    );
    return 0;
  } catch (error) {
    if (!(error instanceof MoveProblem || error instanceof WorldError)) throw error;
    io.stderr.write(`${error.message}\nWhat was copied so far stays; run it again to go on.\n`);
    return 1;
  }
}
