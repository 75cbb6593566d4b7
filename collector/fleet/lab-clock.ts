import type { Clock } from "../../lib/runtime/clock.ts";
import { invariant } from "../../lib/runtime/invariant.ts";

export type LabClockOptions = {
  readonly system: Clock;
  /** Where lab time begins; from now on, where it lies in the past, it hurries after real time. */
  readonly startMs: number;
  /** How many times faster than real time it runs until it has caught up. */
  readonly tempo: number;
};

/**
 * The lab's time: it begins in the past, runs faster than real time until it has caught up, and is real time from then on.
 * Until then it goes only as far as it is allowed: so nothing is late for those who live by it, however slow the machine.
 */
export class LabClock {
  readonly #system: Clock;
  #tempo: number;
  #from: { readonly labMs: number; readonly realMs: number };
  #horizonMs: number;

  constructor({ system, startMs, tempo }: LabClockOptions) {
    this.#system = system;
    this.#from = { labMs: Math.min(startMs, system()), realMs: system() };
    this.#horizonMs = this.#from.labMs;
    this.#tempo = this.#from.labMs < system() ? Math.max(1, tempo) : 1;
  }

  /** Whether lab time is real time. A tempo of 1 never catches up, but is not ahead of anything either. */
  get live(): boolean {
    return this.#tempo === 1;
  }

  /** The lab's present, epoch milliseconds. */
  readonly now: Clock = () => {
    const realMs = this.#system();
    if (this.live) return realMs;
    const pacedMs = this.#from.labMs + (realMs - this.#from.realMs) * this.#tempo;
    const labMs = Math.floor(Math.min(pacedMs, this.#horizonMs));
    if (labMs >= realMs) {
      this.#tempo = 1;
      return realMs;
    }
    // What was waited for is not made up: it would come as a burst.
    if (pacedMs > this.#horizonMs) this.#from = { labMs: this.#horizonMs, realMs };
    return labMs;
  };

  /**
   * Lets lab time run at another tempo (above 1) from now on, until it has caught up: slowly where something is looked at that
   * takes real time. Lab time that is real time stays so.
   */
  pace(tempo: number): void {
    invariant(tempo > 1, "a lab that hurries does so by more than real time");
    const labMs = this.now();
    if (this.live) return;
    this.#from = { labMs, realMs: this.#system() };
    this.#tempo = tempo;
  }

  /** Lets lab time go on until then. */
  allow(untilMs: number): void {
    this.#horizonMs = Math.max(this.#horizonMs, untilMs);
  }
}
