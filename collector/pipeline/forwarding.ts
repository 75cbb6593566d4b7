import type { Commit } from "../../lib/store/port.ts";

/** Passes on to another collector what the store has made durable: all of it, and nothing else. */
export interface Forwarding {
  /** Why nothing more may be taken, in a few words; null when it may. */
  readonly problem: string | null;
  /**
   * Notes a commit durably, has it kept by `keep` together with a mark of it, and passes it on when that went well. Throws what
   * `keep` throws, or a WorldError where it could not be noted: then nothing was kept.
   */
  through(commit: Commit, keep: (marked: Commit) => Promise<void>): Promise<void>;
}
