import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HandshakeRequest } from "./handshake.ts";
import { pemOf, type Session } from "./session.ts";

export type EarlyDataTry = { readonly accepted: boolean | null; readonly reason: string | null };

const MAX_OUTPUT = 65_536;
/** Names the prober in logs; `familyOf` makes it "monitor", so that it is kept out of customers' rates. */
export const PROBE_AGENT = "reprise-probe";

/** What is sent early: the most harmless whole request, so that servers log it with its user agent. */
function earlyRequest({ host, serverName }: HandshakeRequest): string {
  const lines = [
    "HEAD / HTTP/1.1",
    `Host: ${serverName ?? host}`,
    `User-Agent: ${PROBE_AGENT}`,
    "Connection: close",
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/**
 * Offers early data with a session of TLS 1.3, by `openssl s_client`, since Node cannot. The session lies in a file of a
 * folder that only this user can read for as long as it takes. Never throws.
 */
export async function tryEarlyData(request: HandshakeRequest & { session: Session }): Promise<EarlyDataTry> {
  if (request.files.cert !== null) return { accepted: null, reason: "not tried with a client certificate" };
  const folder = await mkdtemp(join(tmpdir(), "reprise-early-"));
  try {
    const [sessionFile, dataFile] = [join(folder, "session.pem"), join(folder, "early")];
    await writeFile(sessionFile, pemOf(request.session), { mode: 0o600 });
    await writeFile(dataFile, earlyRequest(request));
    return resultOf(await run(wordsOf(request, { sessionFile, dataFile }), request));
  } catch (error) {
    return {
      accepted: null,
      reason: `openssl could not be run: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}`,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function wordsOf(
  { host, port, serverName, alpn }: HandshakeRequest,
  files: { readonly sessionFile: string; readonly dataFile: string },
): string[] {
  return [
    ...["s_client", "-tls1_3", "-connect", host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`],
    ...(serverName === null ? ["-noservername"] : ["-servername", serverName]),
    ...(alpn.length > 0 ? ["-alpn", alpn.join(",")] : []),
    ...["-sess_in", files.sessionFile, "-early_data", files.dataFile],
  ];
}

/** The program's output, cut. It is ended when it has said what it knows, when its time is over, or on the signal. */
function run(words: readonly string[], { timeoutMs, signal }: HandshakeRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("openssl", [...words], {
      stdio: ["pipe", "pipe", "pipe"],
      signal,
      timeout: timeoutMs,
    });
    let output = "";
    const hear = (chunk: Buffer): void => {
      if (output.length < MAX_OUTPUT) output += chunk.toString("latin1");
      if (SAID.test(output)) child.kill();
      else if (output.length >= MAX_OUTPUT) child.kill("SIGKILL");
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.stdin.on("error", () => child.kill());
    child.once("error", reject);
    child.once("close", () => resolve(output));
  });
}

const SAID = /Early data was (accepted|rejected|not sent)/;

function resultOf(output: string): EarlyDataTry {
  const said = SAID.exec(output)?.[1];
  if (said === "accepted") return { accepted: true, reason: null };
  if (said === "rejected") return { accepted: false, reason: null };
  if (said === "not sent") return { accepted: null, reason: "openssl could not offer it with this session" };
  return { accepted: null, reason: "openssl said nothing of it in time" };
}
