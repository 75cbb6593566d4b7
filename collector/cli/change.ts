import type { Writable } from "node:stream";
import type { Settings } from "../../lib/runtime/settings.ts";
import { askCollector, collectorAccess } from "./collector-client.ts";

export type ChangeArguments = {
  readonly kind: string;
  readonly title: string;
  readonly at?: string;
  readonly json?: boolean;
  readonly [field: string]: string | boolean | undefined;
};

/** `reprise change`: records a change with the running collector. Answers the exit code. */
export async function changeCommand(
  input: ChangeArguments,
  settings: Settings,
  io: { readonly stdout: Writable; readonly stderr: Writable },
): Promise<number> {
  const { at, json, ...fields } = input;
  const ts = at === undefined ? Date.now() : /^\d+$/.test(at) ? Number(at) : at;
  const access = collectorAccess(settings);
  try {
    const body = JSON.stringify({ ts, ...fields });
    const { status, text } = await askCollector(access, "/v1/changes", { body });
    const isTaken = status === 200;
    if (json) io.stdout.write(`${text}\n`);
    else if (isTaken) io.stdout.write("Recorded.\n");
    else io.stderr.write(`Not recorded: ${text}\n`);
    return isTaken ? 0 : 1;
  } catch (error) {
    io.stderr.write(`No collector answers at ${access.url}: ${(error as Error).message}\n`);
    return 1;
  }
}
