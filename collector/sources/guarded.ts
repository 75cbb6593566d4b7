import type { LineDecoder } from "./source.ts";

/**
 * A decoder whose own mistakes cost one line. Decoders never throw, and fuzzing holds them to that; but lines come from
 * outside, and one that finds a mistake of ours must not end the collector for all who send. It is told loudly instead.
 */
export function guarded(decoder: LineDecoder, tell: (error: Error) => void): LineDecoder {
  return {
    decode(line, receivedMs) {
      try {
        return decoder.decode(line, receivedMs);
      } catch (error) {
        tell(error as Error);
        return {
          kind: "refused",
          reason: "Reprise made a mistake with this line; it is in the collector's log",
        };
      }
    },
  };
}
