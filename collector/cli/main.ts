import { Command, CommanderError } from "commander";
import { readSettings, SettingsError } from "../../lib/runtime/settings.ts";
import { registerAgent } from "./agent.ts";
import { type DecodeArguments, decodeCommand } from "./decode.ts";
import { registerTap } from "./tap.ts";
import { registerToken } from "./token.ts";

const ABOUT_SOURCE = "what wrote the lines: nginx, haproxy, caddy, … (an unknown name lists them all)";
const ABOUT_FORMAT =
  "log format of your own, as it stands in the proxy's configuration (log_format, log-format)";
const ABOUT_FORMAT_FILE = "file that holds such a format";

const program = new Command("reprise")
  .description("Observability for TLS session resumption")
  .showHelpAfterError()
  .exitOverride();

program
  .command("decode")
  .description("decode log lines into canonical handshakes (NDJSON on stdout, refused lines on stderr)")
  .requiredOption("--source <name>", ABOUT_SOURCE)
  .option("--format <text>", ABOUT_FORMAT)
  .option("--format-file <path>", ABOUT_FORMAT_FILE)
  .option("--node <name>", "node where the lines do not say")
  .option("--region <name>", "region where the lines do not say")
  .option("--endpoint <name>", "endpoint where the lines do not say")
  .argument("[file]", "file (gzip is fine), or - for standard input", "-")
  .action(async (file: string, options: Omit<DecodeArguments, "file">) => {
    process.exitCode = await decodeCommand({ ...options, file }, process);
  });

program
  .command("collector")
  .description("run the collector")
  .option("--forward <url>", "pass on what it takes to a central collector too (REPRISE_FORWARD_URL)")
  .action(async ({ forward }: { forward?: string }) => {
    const { runCollectorProcess } = await import("../main.ts");
    const more = forward === undefined ? {} : { REPRISE_FORWARD_URL: forward };
    await runCollectorProcess(readSettings({ ...process.env, ...more }));
  });

program
  .command("console")
  .description("run the console (it has to be built)")
  .action(async () => {
    const { consoleCommand } = await import("./console.ts");
    process.exitCode = await consoleCommand(readSettings(process.env));
  });

program
  .command("import")
  .description("read history from files into the store; importing a file twice counts it once")
  .requiredOption("--source <name>", ABOUT_SOURCE)
  .option("--format <text>", ABOUT_FORMAT)
  .option("--format-file <path>", ABOUT_FORMAT_FILE)
  .option("--node <name>", "node where the lines do not say")
  .option("--region <name>", "region where the lines do not say")
  .option("--endpoint <name>", "endpoint where the lines do not say")
  .option("--json", "print the totals as JSON")
  .argument("<files...>", "files of one server, oldest first (gzip is fine), or - for standard input")
  .action(async (files: string[], options) => {
    const { importCommand } = await import("./import.ts");
    process.exitCode = await importCommand({ ...options, files }, readSettings(process.env), process);
  });

program
  .command("change")
  .description("record a change of the fleet with the running collector")
  .requiredOption("--kind <kind>", "key_rotation, reload, deploy, config, certificate, load_balancer, …")
  .requiredOption("--title <text>", "what was done, in one line")
  .option("--at <time>", "when, epoch ms or RFC 3339 (default: now)")
  .option("--endpoint <name>")
  .option("--node <name>")
  .option("--region <name>")
  .option("--detail <text>")
  .option("--ref <text>", "ticket, commit or link")
  .option("--actor <name>")
  .option("--json", "print the collector's answer")
  .action(async (options) => {
    const { changeCommand } = await import("./change.ts");
    process.exitCode = await changeCommand(options, readSettings(process.env), process);
  });

program
  .command("detect")
  .description("run the detector over recorded scenarios as if their telemetry were arriving")
  .requiredOption("--out <file>", "where to write what was detected, NDJSON")
  .option("--workers <n>", "scenarios at the same time (default: 2)")
  .option("--json", "print the totals as JSON")
  .argument("<dir>", "a folder of scenario folders, or one scenario")
  .action(async (folder: string, options) => {
    const { detectCommand } = await import("./detect.ts");
    process.exitCode = await detectCommand({ ...options, folder }, process);
  });

program
  .command("replay")
  .description("run the detector over stored history and print what it would have raised")
  .requiredOption("--from <time>", "epoch ms, RFC 3339, or now-7d (s, m, h, d, w)")
  .option("--to <time>", "the same (default: now)")
  .option("--store", "keep what it finds, marked as replayed")
  .option("--json", "print what it finds as JSON")
  .action(async (options) => {
    const { replayCommand } = await import("./replay.ts");
    process.exitCode = await replayCommand(options, readSettings(process.env), process);
  });

program
  .command("probe")
  .description(
    "probe nodes once: full and resumed handshakes, tickets, certificates, who resumes whose sessions",
  )
  .option("--endpoint <name>", "what the nodes serve; without nodes: only this target of the configuration")
  .option("--server-name <name>", "server name to ask for (SNI)")
  .option("--other-server-name <name>", "a second name that must not resume the first's sessions")
  .option("--alpn <list>", "protocols to offer, such as h2,http/1.1")
  .option("--timeout <seconds>", "longest time for one connection (default: 5)")
  .option("--rate <n>", "most handshakes a minute (default: 120)")
  .option("--ca <file>", "PEM bundle that vouches for the nodes' certificates")
  .option("--json", "print what was found as JSON")
  .argument("[nodes...]", "[name=]host:port of each node; none: the targets of the configuration file")
  .action(async (nodes: string[], options) => {
    const { probeCommand } = await import("./probe.ts");
    process.exitCode = await probeCommand({ ...options, nodes }, readSettings(process.env), process);
  });

registerAgent(program);
registerTap(program);
registerToken(program);
const { registerBackup } = await import("./backup.ts");
registerBackup(program);
const { registerAudit } = await import("./audit.ts");
registerAudit(program);
const { registerTenant } = await import("./tenant.ts");
registerTenant(program);
const { registerMigrateStore } = await import("./migrate-store.ts");
registerMigrateStore(program);
const { registerUser } = await import("./user.ts");
registerUser(program);
const { registerFleet } = await import("./fleet.ts");
registerFleet(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof SettingsError) {
    process.stderr.write(`${error.message}\n`);
    // Sockets that were opened before the problem showed would keep the process alive.
    process.exit(1);
  } else throw error;
}
