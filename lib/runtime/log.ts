import pino, { type Logger } from "pino";

export type { Logger };

/** A logger that writes JSON lines to standard error, so that standard output stays for data. */
export function makeLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
}
