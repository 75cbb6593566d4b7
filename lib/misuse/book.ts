import type { Finding } from "../domain/findings.ts";
import { Lru } from "../runtime/lru.ts";
import { stableId } from "./hash.ts";

/** Findings that are remembered; one that was forgotten grows again in the store when it is seen again. */
const MOST_FINDINGS = 2_000;

/** One sight of something that deserves a look. `key` tells matters of one kind apart; `times` is how often it was seen now. */
export type Sight = Omit<Finding, "id" | "firstMs" | "lastMs" | "count"> & {
  readonly key: string;
  readonly atMs: number;
  readonly times: number;
};

/** Gathers sights into findings: the same matter is the same finding, also after a restart. */
export class FindingBook {
  readonly #findings = new Lru<string, Finding>(MOST_FINDINGS);
  readonly #changed = new Map<string, Finding>();

  /** What was found before a restart: counts go on from there. */
  restore(findings: readonly Finding[]): void {
    for (const finding of findings) this.#findings.set(finding.id, finding);
  }

  /** Takes a sight, and answers its finding's id. */
  report({ key, atMs, times, ...rest }: Sight): string {
    const id = `${rest.kind}-${stableId(key)}`;
    const known = this.#findings.get(id);
    const finding: Finding = {
      ...rest,
      id,
      firstMs: Math.min(known?.firstMs ?? atMs, atMs),
      lastMs: Math.max(known?.lastMs ?? atMs, atMs),
      count: (known?.count ?? 0) + times,
    };
    this.#findings.set(id, finding);
    this.#changed.set(id, finding);
    return id;
  }

  /** What changed since it was taken last. */
  take(): Finding[] {
    const changed = [...this.#changed.values()];
    this.#changed.clear();
    return changed;
  }

  /** Puts back what could not be kept; what was found meanwhile is newer. */
  putBack(findings: readonly Finding[]): void {
    for (const finding of findings)
      if (!this.#changed.has(finding.id)) this.#changed.set(finding.id, finding);
  }
}
