import { findSource, recogniseSource } from "../sources/registry.ts";
import type { LineDecoder, LineDefaults, Source } from "../sources/source.ts";
import type { AgentDeps } from "./agent.ts";
import type { AgentConfig, FileInput as FileSettings, SyslogInput as SyslogSettings } from "./config.ts";
import type { FilePosition } from "./followed-file.ts";
import { Follower } from "./follower.ts";
import { bare, type Gatherer, LineGatherer, type Part, RollupGatherer } from "./gatherer.ts";
import { lookBack } from "./lookback.ts";
import type { Checkpoint } from "./record.ts";
import type { InputStatus } from "./status.ts";
import { SyslogInput } from "./syslog-input.ts";

/** What inputs are made with. */
export type Make = {
  readonly config: AgentConfig;
  readonly deps: AgentDeps;
  /** Of files, by what they are made from. */
  readonly decoders: Map<string, LineDecoder>;
  /** Whether nothing more may be taken now. */
  readonly isFull: () => boolean;
  /** Gathered bytes (about) after which an input reads no more until the next record. */
  readonly mostWeight: number;
  /** Told after every message that could not wait. */
  readonly gathered: () => void;
};

/** Something that lines come from, with what was gathered of them. */
export interface Input {
  /** Under this name its positions are kept. */
  readonly name: string;
  /** Bytes (about) gathered so far. */
  readonly weight: number;
  open(checkpoint: Checkpoint | null, buffer: Buffer): Promise<void>;
  /** Reads a bounded amount; answers whether there is more. */
  poll(buffer: Buffer): boolean;
  take(): Part[];
  /** Where its files stand; null where there is nothing to go back to. */
  positions(): FilePosition[] | null;
  status(): InputStatus;
  close(): void;
}

/** One entry of `files`. */
export class FileInput implements Input {
  readonly name: string;
  readonly #settings: FileSettings;
  readonly #make: Make;
  readonly #decoder: LineDecoder;
  readonly #gatherer: Gatherer;
  readonly #follower: Follower;
  #problem: string | null = null;

  constructor(settings: FileSettings, make: Make) {
    const { deps } = make;
    this.name = `${settings.source} ${settings.path}`;
    this.#settings = settings;
    this.#make = make;
    const source = known(settings.source);
    this.#decoder = fileDecoder(make, source, settings);
    this.#gatherer = gathererOf(make, source, { decoder: this.#decoder, endpoint: settings.endpoint });
    this.#follower = new Follower({
      path: settings.path,
      begin: settings.begin,
      log: deps.log,
      isFull: () => this.weight >= make.mostWeight,
      sink: {
        line: (text) => this.#gatherer.line(text, deps.clock()),
        tooLong: (beginning) => this.#gatherer.tooLong(beginning),
      },
    });
  }

  get weight(): number {
    return this.#gatherer.weight;
  }

  open(checkpoint: Checkpoint | null, buffer: Buffer): Promise<void> {
    const positions = checkpoint?.[this.name];
    const { config, deps } = this.#make;
    if (!positions) return Promise.resolve();
    if (config.send === "rollups") {
      const line = (text: string): unknown => this.#decoder.decode(bare(text), deps.clock());
      const bytes = lookBack(positions, config.lookback, { buffer, line });
      deps.log.info({ input: this.name, bytes }, "looked back for open connections");
    }
    this.#follower.resume(positions, deps.clock());
    return Promise.resolve();
  }

  poll(buffer: Buffer): boolean {
    try {
      const more = this.#follower.poll(buffer, this.#make.deps.clock());
      this.#problem = null;
      return more;
    } catch (error) {
      // A disk that cannot be read is no reason to stop following the others.
      const { message } = error as Error;
      if (this.#problem !== message)
        this.#make.deps.log.error({ input: this.name, error: message }, "cannot read");
      this.#problem = message;
      return false;
    }
  }

  take(): Part[] {
    return this.#gatherer.take();
  }

  positions(): FilePosition[] {
    return this.#follower.positions();
  }

  status(): InputStatus {
    const { source, path } = this.#settings;
    const lines = this.#gatherer.lines;
    return { name: path, source, lines, dropped: 0, problem: this.#problem, files: this.#follower.status() };
  }

  close(): void {
    this.#follower.close();
  }
}

/** One entry of `syslog`. */
export class SyslogStream implements Input {
  readonly name: string;
  readonly #settings: SyslogSettings;
  readonly #make: Make;
  readonly #input: SyslogInput;
  /** By source; null gathers what no source recognises. */
  readonly #gatherers = new Map<Source | null, Gatherer>();

  constructor(settings: SyslogSettings, make: Make) {
    this.name = `syslog ${settings.listen}`;
    this.#settings = settings;
    this.#make = make;
    this.#input = new SyslogInput({
      isFull: make.isFull,
      message: (raw) => this.#message(raw),
      failed: (error) => make.deps.log.error({ input: this.name, error: error.message }, "syslog"),
    });
  }

  get weight(): number {
    return this.#all().reduce((sum, { weight }) => sum + weight, 0);
  }

  async open(): Promise<void> {
    const { listen } = this.#settings;
    const colon = listen.lastIndexOf(":");
    await this.#input.listen(listen.slice(0, colon), Number(listen.slice(colon + 1)));
  }

  poll(): boolean {
    return false;
  }

  take(): Part[] {
    return this.#all().flatMap((gatherer) => gatherer.take());
  }

  positions(): null {
    return null;
  }

  status(): InputStatus {
    const { source = "recognised", listen } = this.#settings;
    const lines = this.#all().reduce((sum, gatherer) => sum + gatherer.lines, 0);
    return { name: listen, source, lines, dropped: this.#input.dropped, problem: null, files: [] };
  }

  close(): void {
    this.#input.close();
  }

  #message(raw: string): void {
    const line = raw.replace(/[\r\n]+$/, "");
    const { source: name } = this.#settings;
    const source = name === undefined ? (recogniseSource(bare(line)) ?? null) : known(name);
    this.#gatherer(source).line(line, this.#make.deps.clock());
    this.#make.gathered();
  }

  #gatherer(source: Source | null): Gatherer {
    const gatherer = this.#gatherers.get(source) ?? this.#newGatherer(source);
    this.#gatherers.set(source, gatherer);
    return gatherer;
  }

  #newGatherer(source: Source | null): Gatherer {
    const { endpoint } = this.#settings;
    if (source === null) return new RollupGatherer(this.#make, null);
    const decoder = source.decoder(defaultsOf(this.#make.config, endpoint));
    return gathererOf(this.#make, source, { decoder, endpoint });
  }

  #all(): Gatherer[] {
    return [...this.#gatherers.values()];
  }
}

function gathererOf(
  make: Make,
  source: Source,
  how: { readonly decoder: LineDecoder; readonly endpoint: string | undefined },
): Gatherer {
  const { config } = make;
  if (config.send === "lines")
    return new LineGatherer(source, config, how.endpoint ?? config.endpoint ?? null);
  return new RollupGatherer(make, { source, decoder: how.decoder });
}

/** Files of one source have one decoder: a proxy's access and error log tell of the same connections. */
function fileDecoder({ config, decoders }: Make, source: Source, settings: FileSettings): LineDecoder {
  const { format, endpoint } = settings;
  const key = JSON.stringify([source.name, format, endpoint]);
  const known = decoders.get(key);
  if (known) return known;
  const defaults: LineDefaults = { ...defaultsOf(config, endpoint), followed: true };
  const compiled = format === undefined ? undefined : source.withFormat?.(format);
  const decoder = compiled?.ok ? compiled.decoder(defaults) : source.decoder(defaults);
  decoders.set(key, decoder);
  return decoder;
}

function defaultsOf(config: AgentConfig, endpoint: string | undefined): LineDefaults {
  return {
    endpoint: endpoint ?? config.endpoint ?? null,
    node: config.node,
    region: config.region ?? null,
    live: true,
  };
}

function known(name: string): Source {
  const source = findSource(name);
  if (!source) throw new RangeError(`the configuration names the unknown source ${name}`);
  return source;
}
