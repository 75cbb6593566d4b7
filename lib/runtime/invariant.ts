/** Thrown when the program itself is wrong; nobody catches it on purpose. */
export class InvariantError extends Error {
  override name = "InvariantError";
}

/** Stops with a clear message where our own reasoning turned out wrong. Never for input or for the world. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** The world failed (disk, network, lock): `retryable` says whether trying again can help. */
export class WorldError extends Error {
  override name = "WorldError";
  readonly retryable: boolean;
  constructor(message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable;
  }
}
