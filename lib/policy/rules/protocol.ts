/** What is negotiated, and whether resumption that must be off is off: H07, H26, H27, H28. */
import type { Mechanism, Protocol } from "../../domain/vocabulary.ts";
import { inPercent, inShare, inWhole } from "../../domain/words.ts";
import { declared, inNodes, isWithoutTls13, splitEvidence } from "../measures.ts";
import { defineRule, type Evidence, fail, notApplicable, pass, unknown } from "../rule.ts";

export const H07 = defineRule({
  id: "H07",
  title: "PSK resumption makes a fresh key exchange",
  severity: "medium",
  limits: {
    share: { label: "Share of resumptions without one", unit: "ratio", fallback: 0, min: 0, max: 1 },
  },
  clauses: [
    {
      reference: "RFC 9325 3.4",
      says: "Servers should choose psk_dhe_ke and answer with a key share; leaving it out is an option within some hours of the last exchange.",
    },
    {
      reference: "RFC 8446 4.2.9, RFC 9846 4.3.9",
      says: "Two modes: psk_ke derives all keys from the ticket's secret, psk_dhe_ke adds a fresh exchange.",
    },
  ],
  why: "With psk_ke a stolen ticket key opens the resumed connections too, not only their early data.",
  fix: ["Don't allow psk_ke: OpenSSL without SSL_OP_ALLOW_NO_DHE_KEX (its default)."],
  judge: (facts, { share }) => {
    if (isWithoutTls13(facts)) return notApplicable("TLS 1.3 is not spoken here.");
    const [seen, mode] = [facts.withoutKeyShare, facts.intent.pskModes];
    const evidence = [
      ...(seen
        ? [{ label: "Resumed without a key share", value: inShare({ k: seen.value, n: seen.count }) }]
        : []),
      ...declared(facts, "pskModes"),
    ];
    if (seen && seen.count > 0)
      return seen.value <= share * seen.count
        ? pass("Resumptions make a fresh key exchange.", { evidence })
        : fail(`${inPercent(seen.value / seen.count)} of PSK resumptions make no key exchange.`, {
            evidence,
          });
    if (mode === "psk_ke") return fail("psk_ke is allowed, by declaration.", { evidence });
    return mode === "psk_dhe_ke"
      ? pass("Only psk_dhe_ke is used, by declaration.", { evidence })
      : unknown("Which mode resumptions use was not seen.", ["tap", "declare"], { evidence });
  },
});

/** Suites of TLS 1.2 and older that have forward secrecy and an AEAD, and all of TLS 1.3; OpenSSL's and IANA's names. */
function isGoodSuite(name: string): boolean {
  if (/^TLS_(AES|CHACHA20)_/i.test(name)) return true;
  return /^(TLS_)?(ECDHE|DHE)[-_]/i.test(name) && /GCM|CCM|POLY1305/i.test(name);
}

export const H26 = defineRule({
  id: "H26",
  title: "Strong suites and certificate keys",
  severity: "medium",
  limits: {
    rsaBits: { label: "Shortest RSA key", unit: "bits", fallback: 2_048, min: 2_048, max: 16_384 },
    ecBits: { label: "Shortest elliptic curve", unit: "bits", fallback: 224, min: 224, max: 521 },
  },
  clauses: [
    {
      reference: "RFC 9325 4.1, 4.2",
      says: "No suites without encryption, with RC4 or with less than 112 bits; forward secrecy preferred, AEAD suites recommended.",
    },
    { reference: "RFC 9325 4.5", says: "RSA keys of at least 2048 bits; no curves below 224 bits." },
  ],
  why: "A resumed connection inherits the strength of the full handshake behind it, for the whole lifetime of the ticket.",
  fix: [
    "Restrict suites to ECDHE with AES-GCM or ChaCha20-Poly1305, beside those of TLS 1.3.",
    "Renew certificates with RSA of 2048 bits or more, or ECDSA on P-256.",
  ],
  holdsWithoutResumption: true,
  judge: (facts, { rsaBits, ecBits }) => {
    const short = (facts.certificates?.value ?? []).filter(({ keyType, keyBits }) =>
      keyBits === null ? false : keyBits < (keyType?.startsWith("rsa") ? rsaBits : ecBits),
    );
    const measured = (facts.certificates?.value ?? []).filter(({ keyBits }) => keyBits !== null);
    const bad = facts.ciphers?.value.filter((name) => !isGoodSuite(name)) ?? [];
    const evidence: Evidence[] = [
      ...(facts.ciphers
        ? [
            {
              label: "Suites seen",
              value: `${facts.ciphers.value.length} in ${inWhole(facts.ciphers.count)} handshakes`,
            },
          ]
        : []),
      ...(bad.length
        ? [{ label: "Without forward secrecy or AEAD", value: bad.slice(0, 5).join(", ") }]
        : []),
      ...measured.slice(0, 5).map(({ node, keyType, keyBits }) => ({
        label: "Certificate key",
        value: `${keyType ?? "unknown"}, ${keyBits} bits`,
        nodes: [node],
      })),
    ];
    if (short.length > 0) return fail("A certificate's key is too short.", { evidence });
    if (bad.length > 0) return fail(`${inWhole(bad.length)} weak suites are in use.`, { evidence });
    const suitesSeen = facts.ciphers !== null && facts.ciphers.value.length > 0;
    if (suitesSeen && measured.length > 0)
      return pass("Every suite and certificate that was seen is strong.", { evidence });
    return suitesSeen
      ? unknown("The suites seen are strong; no certificate was seen.", ["prober"], { evidence })
      : unknown("No suite was seen.", ["prober", "telemetry"], { evidence });
  },
});

const OLD: readonly Protocol[] = ["SSLv3", "TLSv1", "TLSv1.1"];

export const H27 = defineRule({
  id: "H27",
  title: "TLS 1.0 and 1.1 are gone",
  severity: "medium",
  limits: {
    share: { label: "Share of handshakes", unit: "ratio", fallback: 0, min: 0, max: 1 },
  },
  clauses: [
    {
      reference: "RFC 9325 3.1.1, RFC 8996",
      says: "TLS 1.0 and 1.1 must not be negotiated, nor SSL at all.",
    },
    {
      reference: "RFC 9846 1.2",
      says: "Negotiating TLS 1.0 or 1.1 is forbidden for TLS 1.3 implementations too.",
    },
  ],
  why: "Old versions have neither AEAD suites nor safe padding, and their sessions resume with the first secret like TLS 1.2's.",
  fix: [
    "nginx: ssl_protocols TLSv1.2 TLSv1.3. HAProxy: ssl-min-ver TLSv1.2. Apache: SSLProtocol -all +TLSv1.2 +TLSv1.3.",
  ],
  holdsWithoutResumption: true,
  judge: (facts, { share }) => {
    const [seen, probed] = [facts.protocols, facts.probedProtocols?.value];
    const old = OLD.reduce((sum, name) => sum + (seen?.value[name] ?? 0), 0);
    const spoken = OLD.flatMap((name) => (probed?.[name]?.yes.length ? [name] : []));
    const refused = OLD.flatMap((name) => (probed?.[name]?.no.length ? [name] : []));
    const evidence: Evidence[] = [
      ...(seen ? [{ label: "Handshakes below TLS 1.2", value: inShare({ k: old, n: seen.count }) }] : []),
      ...spoken.map((name) => ({
        label: `${name} spoken`,
        value: inNodes(probed?.[name]?.yes.length ?? 0),
        nodes: probed?.[name]?.yes ?? [],
      })),
      ...(refused.length ? [{ label: "Refused to the prober", value: refused.join(", ") }] : []),
    ];
    if (seen && old > share * seen.count)
      return fail("Handshakes below TLS 1.2 are negotiated.", { evidence });
    if (spoken.length > 0 && share === 0)
      return fail("Versions below TLS 1.2 are still spoken.", { evidence });
    if ((seen && seen.count > 0) || refused.length > 0)
      return pass("No version below TLS 1.2 is negotiated.", { evidence });
    return unknown("Which versions are negotiated is not known.", ["telemetry", "prober"], { evidence });
  },
});

const WORDS: Readonly<Record<Mechanism | "unknown", string>> = {
  session_id: "session id",
  ticket: "ticket",
  psk: "PSK",
  unknown: "a mechanism not told",
};

export const H28 = defineRule({
  id: "H28",
  title: "Resumption that must be off is off",
  severity: "high",
  limits: {},
  clauses: [
    {
      reference: 'CIS benchmarks ("ensure session resumption is disabled")',
      says: "Where policy wants no resumption, none may happen: not by session id, not by ticket, not by PSK.",
    },
  ],
  why: "Switching tickets off leaves session ids, and TLS 1.3 may go on with PSKs from a cache: each of the three has its own switch.",
  fix: [
    "nginx: ssl_session_tickets off and ssl_session_cache off. HAProxy: no-tls-tickets and tune.ssl.cachesize 0.",
    "Apache: SSLSessionTickets off and SSLSessionCache none. Envoy: disable_stateless_session_resumption and disable_stateful_session_resumption.",
  ],
  holdsWithoutResumption: true,
  judge: (facts) => {
    const told = declared(facts, "resumption");
    if (facts.intent.resumption !== "off")
      return notApplicable("Nobody declared that resumption must be off here.", { evidence: told });
    const { resumed, probedResumption } = facts;
    const counts = resumed ? Object.entries(resumed.value).filter(([, count]) => count > 0) : [];
    const probed = Object.entries(probedResumption?.value ?? {});
    const evidence: Evidence[] = [
      ...told,
      ...(resumed ? [{ label: "Completed handshakes", value: inWhole(resumed.count) }] : []),
      ...counts.map(([name, count]) => ({ label: `Resumed by ${wordOf(name)}`, value: inWhole(count) })),
      ...probed.flatMap(([name, split]) =>
        splitEvidence(split, `Prober resumed by ${wordOf(name)}`, `Prober refused by ${wordOf(name)}`),
      ),
    ];
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    if (total > 0) return fail(`${inWhole(total)} handshakes resumed, though none may.`, { evidence });
    if (probed.some(([, split]) => split.yes.length > 0))
      return fail("The prober could resume, though nobody may.", { evidence });
    const known = resumed !== null && resumed.count > 0;
    const tried = probed.length > 0 && probed.every(([, split]) => split.no.length > 0);
    return known || tried
      ? pass("No handshake resumed.", { evidence })
      : unknown("No handshake of known outcome was seen.", ["telemetry", "prober"], { evidence });
  },
});

const wordOf = (name: string): string => WORDS[name as keyof typeof WORDS];
