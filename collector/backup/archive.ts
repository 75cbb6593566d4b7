import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdCompress, createZstdDecompress } from "node:zlib";
import { extract, pack } from "tar-stream";
import { z } from "zod";
import { parseJson } from "../../lib/runtime/json.ts";

/** A backup: a tar archive, compressed with zstd, of a manifest and the parts that it names. */

export const PARTS = ["secret", "reprise.db"] as const;
const MANIFEST = "manifest.json";
const MAX_MANIFEST_BYTES = 1_048_576;
const MODE = 0o600;

const part = z.object({
  name: z.enum(PARTS),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const manifest = z.object({
  format: z.literal(1),
  product: z.string().max(100),
  /** Name of the last migration. */
  schema: z.string().max(200),
  createdMs: z.number().int(),
  /** Rows by table, as of the moment of the backup. */
  rows: z.record(z.string(), z.number().int()),
  parts: z.array(part).length(PARTS.length),
});
export type Manifest = z.infer<typeof manifest>;

/** A file that is no sound backup: the sentence says why. */
export class UnfitBackup extends Error {}

/** Size and digest of a part in a folder. */
export async function measurePart(
  folder: string,
  name: (typeof PARTS)[number],
): Promise<z.infer<typeof part>> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(join(folder, name))) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { name, bytes, sha256: hash.digest("hex") };
}

/** Writes the archive of a folder that holds the parts. `to` must not exist; only its owner may read it. */
export async function writeArchive(folder: string, told: Manifest, to: string): Promise<void> {
  const tar = pack();
  const written = pipeline(
    tar,
    createZstdCompress(),
    createWriteStream(to, { flags: "wx", mode: MODE, flush: true }),
  );
  const entries = async (): Promise<void> => {
    const mtime = new Date(told.createdMs);
    tar.entry({ name: MANIFEST, mode: MODE, mtime }, `${JSON.stringify(told, null, 2)}\n`);
    for (const { name, bytes } of told.parts) {
      const entry = tar.entry({ name, size: bytes, mode: MODE, mtime });
      await pipeline(createReadStream(join(folder, name)), entry);
    }
    tar.finalize();
  };
  await Promise.all([
    written,
    entries().catch((error: Error) => {
      tar.destroy(error);
      throw error;
    }),
  ]);
}

/**
 * Unpacks an archive into an empty folder of its own, checking every part against the manifest. `begin` sees the manifest
 * before any part is written. Throws UnfitBackup for what is cut off, changed or no backup at all.
 */
export async function readArchive(
  file: string,
  folder: string,
  begin: (told: Manifest) => void,
): Promise<Manifest> {
  const tar = extract();
  const fed = pipeline(createReadStream(file), createZstdDecompress(), tar);
  try {
    const [told] = await Promise.all([takeEntries(tar, folder, begin), fed]);
    return told;
  } catch (error) {
    tar.destroy();
    await fed.catch(() => undefined);
    if (error instanceof UnfitBackup || isOfTheSystem(error)) throw error;
    throw new UnfitBackup(`${file} is damaged, cut off or no backup of Reprise: ${(error as Error).message}`);
  }
}

type Entry = Readable & {
  readonly header: { readonly name: string; readonly size?: number; readonly type?: string | null };
};

async function takeEntries(
  tar: ReturnType<typeof extract>,
  folder: string,
  begin: (told: Manifest) => void,
): Promise<Manifest> {
  let told: Manifest | null = null;
  const taken: string[] = [];
  for await (const each of tar) {
    const entry = each as unknown as Entry;
    const { name, type } = entry.header;
    if (type !== "file") throw new UnfitBackup(`The backup holds ${name}, which is no file.`);
    if (told === null) {
      told = await manifestIn(entry);
      begin(told);
      continue;
    }
    const expected = told.parts.find((one) => one.name === name && !taken.includes(name));
    if (!expected) throw new UnfitBackup(`The backup holds ${name}, which its manifest does not name.`);
    await takePart(entry, expected, join(folder, expected.name));
    taken.push(name);
  }
  if (told === null || taken.length < PARTS.length)
    throw new UnfitBackup("The backup is cut off: not all of its parts are there.");
  return told;
}

async function manifestIn(entry: Entry): Promise<Manifest> {
  const { name, size = 0 } = entry.header;
  if (name !== MANIFEST || size > MAX_MANIFEST_BYTES)
    throw new UnfitBackup("The file is no backup of Reprise: it does not begin with a manifest.");
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  const given: unknown = parseJson(Buffer.concat(chunks).toString("utf8"));
  const format = (given as { format?: unknown } | null)?.format;
  if (typeof format === "number" && format > 1)
    throw new UnfitBackup(`The backup has format ${format}, which only a newer release of Reprise reads.`);
  const parsed = manifest.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new UnfitBackup(`The backup's manifest is not usable: ${parsed.error.issues[0]?.message ?? ""}`);
}

async function takePart(entry: Entry, expected: Manifest["parts"][number], to: string): Promise<void> {
  if (entry.header.size !== expected.bytes)
    throw new UnfitBackup(`${expected.name} in the backup has another size than its manifest says.`);
  const hash = createHash("sha256");
  const measure = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(entry, measure, createWriteStream(to, { flags: "wx", mode: MODE, flush: true }));
  if (hash.digest("hex") !== expected.sha256)
    throw new UnfitBackup(`${expected.name} in the backup is not what was put into it: its digest differs.`);
}

/** A full disk or a missing file is nothing that the backup can help. */
const isOfTheSystem = (error: unknown): boolean =>
  /^(ENOSPC|EACCES|EPERM|ENOENT|EISDIR|EIO|EROFS|EMFILE)$/.test(String((error as { code?: string }).code));
