/**
 * How far the history of a log has been imported: so many of its lines, with the digest of all of them up to there. The
 * same file, packed otherwise or grown since, is known by them, and goes on where the last import ended.
 */
export type ImportState = {
  readonly id: string;
  readonly source: string;
  /** Digest of the first lines, which finds the imports that a file may continue. */
  readonly head: string;
  readonly lines: number;
  readonly digest: string;
};
