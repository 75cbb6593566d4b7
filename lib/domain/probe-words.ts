/** What a probe found, in words for screens and reports. */
import type { MechanismProbe, NodeProbe, ProbeStep } from "./probe.ts";
import type { Mechanism } from "./vocabulary.ts";
import { inLength } from "./words.ts";

const DAY_MS = 86_400_000;
/** A certificate is worth a word when it ends within this. */
export const CERTIFICATE_SOON_MS = 14 * DAY_MS;

export const STEP_WORDS: Readonly<Record<ProbeStep, string>> = {
  full_tls13: "TLS 1.3 full",
  psk: "TLS 1.3 PSK",
  full_tls12: "TLS 1.2 full",
  ticket: "TLS 1.2 ticket",
  session_id: "TLS 1.2 session id",
};
export const MECHANISM_WORDS: Readonly<Record<Mechanism, string>> = {
  session_id: "session ids",
  ticket: "TLS 1.2 tickets",
  psk: "TLS 1.3 PSKs",
};

/** `bad`: something does not work or is dangerous; `warn`: worth a look. */
export type ProbeTrouble = { readonly tone: "bad" | "warn"; readonly text: string };

/** What deserves a look at one node, the worst first; empty when there is nothing. */
export function troublesOf(probe: NodeProbe, nowMs: number): ProbeTrouble[] {
  if (probe.failure) return [{ tone: "bad", text: `no handshake: ${probe.failure.detail}` }];
  const found = [
    probe.weakKeys?.found ? bad(`a ticket opened with a guessed key (${probe.weakKeys.found})`) : null,
    probe.otherName.accepted ? bad("a session was resumed under another server name") : null,
    probe.earlyData.acceptedTwice ? bad("the same early data was accepted twice") : null,
    ...(["psk", "ticket", "session_id"] as const).map((mechanism) =>
      ownTrouble(mechanism, probe.mechanisms[mechanism]),
    ),
    certificateTrouble(probe, nowMs),
    ...(["TLSv1", "TLSv1.1"] as const).map((old) => (probe.protocols[old] ? warn(`${old} is spoken`) : null)),
  ].flatMap((trouble) => trouble ?? []);
  return found.sort((a, b) => Number(a.tone === "warn") - Number(b.tone === "warn"));
}

const bad = (text: string): ProbeTrouble => ({ tone: "bad", text });
const warn = (text: string): ProbeTrouble => ({ tone: "warn", text });

function ownTrouble(mechanism: Mechanism, { issued, accepted }: MechanismProbe): ProbeTrouble | null {
  if (!issued || accepted !== false) return null;
  // A server may hand out ids that it never meant to keep; a ticket or PSK it made to be used.
  const text = `it does not resume its own ${MECHANISM_WORDS[mechanism]}`;
  return mechanism === "session_id" ? warn(text) : bad(text);
}

function certificateTrouble({ certificate }: NodeProbe, nowMs: number): ProbeTrouble | null {
  if (!certificate) return null;
  const { validToMs, validFromMs } = certificate;
  if (validToMs !== null && validToMs <= nowMs) return bad("its certificate has expired");
  if (validFromMs !== null && validFromMs > nowMs) return bad("its certificate is not valid yet");
  if (validToMs !== null && validToMs - nowMs < CERTIFICATE_SOON_MS)
    return warn(`its certificate ends in ${inLength(validToMs - nowMs)}`);
  return certificate.trusted ? null : warn(`its certificate is not trusted (${certificate.distrust})`);
}

/** A mechanism at a node in one or two words: "resumed", "refused", "not issued", "not tried". */
export function mechanismWord({
  issued,
  accepted,
}: MechanismProbe): "resumed" | "refused" | "not issued" | "not tried" {
  if (accepted !== null) return accepted ? "resumed" : "refused";
  return issued === false ? "not issued" : "not tried";
}
