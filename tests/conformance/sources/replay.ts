import { readFileSync } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { decodeCommand } from "../../../collector/cli/decode.ts";

export type Truth = {
  readonly totals: { readonly ok: number; readonly failed: number };
  readonly connections: readonly {
    readonly port: number;
    readonly startS: number;
    readonly endS: number;
    readonly outcome: "ok" | "failed";
    readonly protocol: string | null;
    readonly resumed: boolean | null;
    readonly mechanism: string | null;
    readonly requests: number;
  }[];
};
export type Decoded = Record<string, string | number | null> & {
  readonly ts: number;
  readonly outcome: string;
};

const folder = "tests/fixtures/recordings";

/** What really happened in a recording. */
export function truthOf(source: string): Truth {
  return JSON.parse(gunzipSync(readFileSync(`${folder}/${source}/truth.json.gz`)).toString());
}

/** The lines of a recorded file. */
export function linesOf(source: string, name: string): string[] {
  return lines(gunzipSync(readFileSync(`${folder}/${source}/${name}.gz`)).toString());
}

/** `reprise decode` over a recorded file, as a user would run it. */
export async function replay(
  source: string,
  name: string,
): Promise<{ handshakes: Decoded[]; refused: string[] }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const [out, err] = [collect(stdout), collect(stderr)];
  const file = `${folder}/${source}/${name}.gz`;
  const code = await decodeCommand({ source, file }, { stdin: Readable.from([]), stdout, stderr });
  stdout.end();
  stderr.end();
  if (code !== 0) throw new Error(await err);
  return { handshakes: lines(await out).map((line) => JSON.parse(line)), refused: lines(await err) };
}

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

async function collect(stream: PassThrough): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** "TLSv1.3/resumed/psk", early data being a kind of psk resumption. */
export const truthKey = (c: Truth["connections"][number]): string => {
  const mechanism = c.resumed ? c.mechanism?.replace("+early_data", "") : null;
  return `${c.protocol}/${c.resumed ? "resumed" : "full"}/${mechanism ?? "-"}`;
};
export const decodedKey = (h: Decoded): string => `${h.protocol}/${h.outcome}/${h.mechanism ?? "-"}`;

/** How many there are of each value. */
export function countBy<T>(list: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of list) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}
