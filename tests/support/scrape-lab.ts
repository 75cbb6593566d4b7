import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSigned } from "../../collector/fleet/certificate.ts";
import type { CacheSample } from "../../lib/domain/handshake.ts";
import { startCollector, type TestCollector, until } from "./collector.ts";
import type { Running } from "./process.ts";

/** A folder with a certificate, and a collector that scrapes what stands in its configuration file. */
export class ScrapeLab {
  readonly folder: string;
  #collector: TestCollector | null = null;
  readonly #running: Running[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<ScrapeLab> {
    const folder = await mkdtemp(join(tmpdir(), "reprise-scrape-"));
    const { cert, key } = selfSigned(["shop.example"], Date.now());
    await writeFile(join(folder, "cert.pem"), cert);
    await writeFile(join(folder, "key.pem"), key);
    await writeFile(join(folder, "bundle.pem"), cert + key);
    return new ScrapeLab(folder);
  }

  get collector(): TestCollector {
    if (!this.#collector) throw new Error("no collector runs");
    return this.#collector;
  }

  /** A program that ends with the lab. */
  add(running: Running): Running {
    this.#running.push(running);
    return running;
  }

  /** Writes a file into the folder; answers its path. */
  async write(name: string, text: string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, text);
    return path;
  }

  /** Starts a collector with these targets, or once more with those from before, on the same data. */
  async collect(targets: readonly Readonly<Record<string, string>>[] | null = null): Promise<void> {
    const configFile = targets
      ? await this.write("reprise.yaml", JSON.stringify({ scrape: targets }))
      : join(this.folder, "reprise.yaml");
    this.#collector = await startCollector({ configFile, dataDir: join(this.folder, "data"), syslogPort: 0 });
  }

  /** Waits for a target's first reading, which is what later ones are compared with. */
  async firstReading(): Promise<void> {
    await until(async () => (await this.collector.store.readCounters(1)).length > 0);
  }

  /** Waits for one more reading, with which nothing may be counted again. */
  async nextReading(): Promise<void> {
    const { store } = this.collector;
    const newest = async () => Math.max(...(await store.readCounters(1)).map(({ atMs }) => atMs));
    const before = await newest();
    await until(async () => (await newest()) > before);
  }

  /** Handshakes counted by endpoint: full, resumed, failed. */
  async counted(endpoint: string): Promise<{ full: number; resumed: number; failed: number }> {
    const nowMs = Date.now();
    const window = { fromMs: nowMs - 3_600_000, toMs: nowMs + 60_000, stepMs: 10_000 };
    const { rows } = await this.collector.store.readRollups(1, {
      ...window,
      filter: { endpoint: [endpoint] },
    });
    const totals = { full: 0, resumed: 0, failed: 0 };
    for (const { outcome, count } of rows) if (outcome !== null) totals[outcome] += count;
    return totals;
  }

  /** Waits until so many handshakes are counted. */
  async waitFor(endpoint: string, handshakes: number): Promise<void> {
    await until(async () => {
      const { full, resumed, failed } = await this.counted(endpoint);
      return full + resumed + failed >= handshakes;
    });
  }

  async caches(): Promise<readonly CacheSample[]> {
    const nowMs = Date.now();
    return this.collector.store.readCaches(1, {
      fromMs: nowMs - 600_000,
      toMs: nowMs + 60_000,
      limit: 1_000,
    });
  }

  async stopCollector(): Promise<void> {
    await this.#collector?.close();
    this.#collector = null;
  }

  async destroy(): Promise<void> {
    await this.stopCollector();
    for (const { child, stop } of this.#running) if (child.exitCode === null) await stop();
    await rm(this.folder, { recursive: true });
  }
}
