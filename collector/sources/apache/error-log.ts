import { failureText } from "../fields.ts";
import { localMs } from "../local-time.ts";

// ErrorLogFormat "[%{cu}t] [%-m:%l] [pid %P:tid %T] [c:%{c}L] [client\ %a] %M"; parts that say nothing are left out.
const LINE =
  /^\[(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{6})\] \[[\w-]*:\w+\] \[pid (\d+(?::tid \d+)?)\](?: \[c:([^\]\s]{1,64})\])?(?: \[client ([^\]\s]{1,64})\])? (.*)$/s;

const LIBRARY_ERROR = "SSL Library Error: ";

/** Message numbers of mod_ssl for a handshake that failed; the last two: for want of a client certificate. */
const FAILURES: ReadonlySet<string> = new Set(["01996", "02006", "02007", "02008", "02010", "02011"]);

/** What a line of the error log says. */
export type ErrorLine = {
  /** The server's own clock in microseconds, without a time zone: for differences only. */
  readonly clockUs: number;
  /** The same, read as local time, epoch milliseconds: for files. */
  readonly localMs: number;
  /** Process and thread: a line without a connection id belongs to the line before it on the same thread. */
  readonly thread: string;
  /** Connection log id; null where the line is about no connection. */
  readonly connection: string | null;
  readonly client: string | null;
  /** Apache's message number without "AH"; null where the message has none. */
  readonly code: string | null;
  readonly text: string;
};

/** A line of the recommended ErrorLogFormat; null for another. */
export function parseErrorLine(line: string): ErrorLine | null {
  const match = LINE.exec(line);
  if (!match) return null;
  const [year = "", month = "", day = "", hour = "", minute = "", second = "", micro = ""] = match.slice(1);
  const [thread = "", connection, client, message = ""] = match.slice(8);
  const [, code = null, text = message] = /^AH(\d{5}): (.*)$/s.exec(message) ?? [];
  const clockMs = Date.UTC(+year, +month - 1, +day, +hour, +minute, +second);
  return {
    clockUs: clockMs * 1000 + Number(micro),
    localMs: localMs([year, month, day, hour, minute, second]) + Math.floor(Number(micro) / 1000),
    thread,
    connection: connection ?? null,
    client: client?.replace(/:\d+$/, "") ?? null,
    code,
    text,
  };
}

/** Whether a line tells of a failed handshake. */
export function isFailure({ code }: ErrorLine): boolean {
  return code !== null && FAILURES.has(code);
}

/** The cause of a failed handshake in Apache's words; null where OpenSSL tells it on the line that follows. */
export function causeOf({ code, text }: ErrorLine): string | null {
  if (code === "02008") return null;
  if (code === "01996") return "http request";
  return failureText(text.replace(/ \[Hint: .*$/, ""));
}

/** The cause on the line that follows AH02008, in OpenSSL's words; null for another line. */
export function libraryCauseOf({ code, text }: ErrorLine): string | null {
  if (code !== null || !text.startsWith(LIBRARY_ERROR)) return null;
  const bare = text.slice(LIBRARY_ERROR.length).replace(/ \(SSL alert number \d+\)/, "");
  return failureText(bare.replace(/ -- .*$/, "")) || null;
}

/** Protocol and cipher of a completed handshake (AH02041). */
export function negotiated(text: string): { protocol: string | null; cipher: string | null } {
  const [, protocol = null, cipher = null] = /^Protocol: (\S{1,16}), Cipher: (\S{1,64})/.exec(text) ?? [];
  return { protocol, cipher };
}

/** The server name of the ClientHello (AH02043, AH02044); null where there was none. */
export function serverNameOf(text: string): string | null {
  return / for servername (\S{1,253}) found/.exec(text)?.[1] ?? null;
}
