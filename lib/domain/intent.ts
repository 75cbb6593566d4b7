/** What people declare of an endpoint where no telemetry tells: what is meant, and how its keys are kept. */

type Common = { readonly label: string; readonly about: string };
export type IntentField = Common &
  (
    | { readonly kind: "flag" }
    | { readonly kind: "choice"; readonly options: readonly string[] }
    | { readonly kind: "text" }
    | { readonly kind: "seconds" | "count"; readonly min: number; readonly max: number }
  );

const YEAR_S = 31_536_000;
const seconds = (label: string, about: string) =>
  ({ kind: "seconds", min: 1, max: YEAR_S, label, about }) as const;
const flag = (label: string, about: string) => ({ kind: "flag", label, about }) as const;

/** Each declaration, in the order of forms: the single place where they stand. */
export const INTENT_FIELDS = {
  resumption: {
    kind: "choice",
    options: ["allowed", "off"],
    label: "Resumption",
    about:
      "off: no session may be resumed, by session id, ticket or PSK; each one that is counts as a violation",
  },
  browserFacing: flag("Browsers connect here", "people's browsers are among the clients"),
  ticketLifetimeS: seconds("Ticket lifetime", "what servers are configured to tell clients"),
  rotationPeriodS: seconds("Rotation period", "how long a key encrypts before the next one does"),
  retainedKeys: {
    kind: "count",
    min: 0,
    max: 1_000,
    label: "Old keys kept",
    about: "keys that still open tickets after they stopped encrypting",
  },
  keyStorage: {
    kind: "choice",
    options: ["memory", "tmpfs", "disk", "kms"],
    label: "Where keys are kept",
    about:
      "tmpfs: without swap; kms: wrapped by a key service or hardware; disk: also values files and version control",
  },
  ticketCipher: {
    kind: "choice",
    options: ["aes128_authenticated", "aes256_authenticated", "unauthenticated"],
    label: "Ticket protection",
    about: "what tickets are encrypted and authenticated with",
  },
  pskModes: {
    kind: "choice",
    options: ["psk_dhe_ke", "psk_ke"],
    label: "PSK key exchange",
    about: "psk_ke: some resumptions make no fresh key exchange",
  },
  sessionLimitS: seconds(
    "Oldest session resumed (TLS 1.2)",
    "since its full handshake, however often its ticket was renewed",
  ),
  keyGroup: { kind: "text", label: "Key group", about: "endpoints and nodes that are meant to share keys" },
  trustDomain: {
    kind: "text",
    label: "Trust domain",
    about: "tenant, security zone or client-certificate realm; keys are not shared across them",
  },
  clientAuth: flag("Client certificates", "clients authenticate by certificate (mTLS)"),
  clientRevalidation: flag(
    "Clients checked again on resumption",
    "expiry and revocation of the client's certificate are checked when a session is resumed",
  ),
  revocationSlaS: seconds("Revocation has effect within", "how soon a revoked client must be out"),
  earlyData: flag("Early data allowed", "0-RTT is wanted here, by a profile of the application"),
  earlyDataSafeOnly: flag(
    "Early data for safe methods only",
    "others than GET and HEAD wait or are answered 425",
  ),
  earlyDataHeader: flag(
    "Early-Data header handled",
    "set by the proxy, stripped when a client sends it, and 425 is passed on",
  ),
  earlyDataWindowS: seconds("Early data freshness window", "how far a ticket's age may be off"),
  startupRejection: flag(
    "Early data rejected after start",
    "until the window of the replay record has passed since the process began",
  ),
} as const satisfies Record<string, IntentField>;

export type IntentName = keyof typeof INTENT_FIELDS;
type ValueOf<F> = F extends { readonly kind: "flag" }
  ? boolean
  : F extends { readonly options: readonly (infer Option)[] }
    ? Option
    : F extends { readonly kind: "text" }
      ? string
      : number;

/** Declarations of one endpoint; null: nothing was said. */
export type Intent = { readonly [Name in IntentName]: ValueOf<(typeof INTENT_FIELDS)[Name]> | null };

export const INTENT_NAMES = Object.keys(INTENT_FIELDS) as IntentName[];
/** Nothing was said at all. */
export const NO_INTENT = Object.fromEntries(INTENT_NAMES.map((name) => [name, null])) as Intent;

/** What holds for an endpoint: its own declarations, and where it has none those for every endpoint. */
export function mergeIntents(everywhere: Intent, own: Intent): Intent {
  return Object.fromEntries(INTENT_NAMES.map((name) => [name, own[name] ?? everywhere[name]])) as Intent;
}
