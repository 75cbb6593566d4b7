import { createHash } from "node:crypto";
import type { Finding } from "../../lib/domain/findings.ts";
import type { Handshake } from "../../lib/domain/handshake.ts";
import { type MisuseSettings, MisuseWatcher } from "../../lib/misuse/watcher.ts";

export const SETTINGS: MisuseSettings = { tickets: 65_536, leastNetworks: 6, leastNetworksAt: new Map() };

/** A watcher as the collector makes one. */
export function makeWatcher(settings: Partial<MisuseSettings> = {}): MisuseWatcher {
  return new MisuseWatcher({
    settings: { ...SETTINGS, ...settings },
    seed: 0x1234567,
    idOf: (ticketId) => createHash("sha256").update(`key ${ticketId}`).digest("hex").slice(0, 16),
  });
}

const TICK_MS = 5_000;

/**
 * Shows a watcher handshakes in order and ticks as time goes on, with a last step after the end; answers each finding as it
 * was last, with when it was first told.
 */
export function watch(
  watcher: MisuseWatcher,
  handshakes: Iterable<Handshake>,
): (Finding & { readonly toldMs: number })[] {
  const found = new Map<string, Finding & { readonly toldMs: number }>();
  const take = (nowMs: number): void => {
    for (const finding of watcher.tick(nowMs))
      found.set(finding.id, { ...finding, toldMs: found.get(finding.id)?.toldMs ?? nowMs });
  };
  let tickMs = Number.NaN;
  let lastMs = 0;
  for (const handshake of handshakes) {
    if (Number.isNaN(tickMs)) tickMs = handshake.atMs;
    for (; tickMs <= handshake.atMs; tickMs += TICK_MS) take(tickMs);
    watcher.see(handshake, handshake.atMs);
    lastMs = handshake.atMs;
  }
  for (; tickMs <= lastMs + 120_000; tickMs += TICK_MS) take(tickMs);
  return [...found.values()];
}

/** Several streams as one, in the order of time. */
export function* merged(...streams: readonly Iterable<Handshake>[]): Generator<Handshake> {
  const heads = streams.map((stream) => stream[Symbol.iterator]()).map((of) => ({ of, next: of.next() }));
  for (;;) {
    const first = heads
      .filter(({ next }) => !next.done)
      .reduce<(typeof heads)[number] | null>(
        (least, head) => (least && least.next.value.atMs <= head.next.value.atMs ? least : head),
        null,
      );
    if (!first) return;
    yield first.next.value;
    first.next = first.of.next();
  }
}
