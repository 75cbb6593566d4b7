import { SettingsError } from "../../../lib/runtime/settings.ts";
import { guarded } from "../guarded.ts";
import { findSource, SOURCES } from "../registry.ts";
import type { FormatResult, LineDecoder, LineDefaults, Source } from "../source.ts";

type Given = { readonly source: string; readonly format: string };
type Compiled = Extract<FormatResult, { ok: true }>;
/** Told when a decoder made a mistake of its own with a line. */
export type OnMistake = (source: string, error: Error) => void;

const throwOn: OnMistake = (_source, error) => {
  throw error;
};

/** Compiles a format for a source, named by the operator. Answers the problem in one sentence where that cannot be. */
export function compileFormat(sourceName: string, format: string): Compiled | string {
  const source = findSource(sourceName);
  if (!source)
    return `Unknown source "${sourceName.slice(0, 60)}"; known: ${SOURCES.map(({ name }) => name).join(", ")}.`;
  if (!source.withFormat) {
    const able = SOURCES.filter(({ withFormat }) => withFormat).map(({ name }) => name);
    return `The source ${source.name} takes no log format of your own; these do: ${able.join(", ")}.`;
  }
  const result = source.withFormat(format);
  return result.ok ? result : result.problem;
}

/** The log formats of the configuration file, tried with lines that a source's own forms do not cover. */
export class Formats {
  readonly #bySource: ReadonlyMap<string, readonly Compiled[]>;
  readonly #onMistake: OnMistake;

  private constructor(bySource: ReadonlyMap<string, readonly Compiled[]>, onMistake: OnMistake) {
    this.#bySource = bySource;
    this.#onMistake = onMistake;
  }

  /** Throws SettingsError, naming the file, at the first that cannot be used. Mistakes of decoders are thrown, unless told. */
  static compile(list: readonly Given[], path: string, onMistake: OnMistake = throwOn): Formats {
    const bySource = new Map<string, Compiled[]>();
    for (const [index, { source, format }] of list.entries()) {
      const compiled = compileFormat(source, format);
      if (typeof compiled === "string") throw new SettingsError(`${path}: formats.${index}: ${compiled}`);
      bySource.set(source, [...(bySource.get(source) ?? []), compiled]);
    }
    return new Formats(bySource, onMistake);
  }

  /** The source in one of whose formats a line is; undefined when it is in none. */
  recogniseSource(line: string): Source | undefined {
    for (const [name, formats] of this.#bySource)
      if (formats.some((format) => format.recognises(line))) return findSource(name);
    return undefined;
  }

  /** A decoder of a source's own forms and then of the formats given for it, for lines from outside. */
  decoder(source: Source, defaults: LineDefaults): LineDecoder {
    const formats = this.#bySource.get(source.name);
    const decoder = formats ? withFormats(source, formats, defaults) : source.decoder(defaults);
    return guarded(decoder, (error) => this.#onMistake(source.name, error));
  }
}

function withFormats(source: Source, formats: readonly Compiled[], defaults: LineDefaults): LineDecoder {
  const own = source.decoder(defaults);
  const others = formats.map((format) => format.decoder(defaults));
  return {
    decode(line, receivedMs) {
      let decoded = source.recognises(line) ? own.decode(line, receivedMs) : null;
      // A refused line leaves no trace in a decoder, so the next one may try it.
      for (const other of others)
        if (decoded === null || decoded.kind === "refused") decoded = other.decode(line, receivedMs);
      return decoded ?? own.decode(line, receivedMs);
    },
  };
}
