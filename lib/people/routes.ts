/** Which of better-auth's routes the console uses, and what the audit log says of them. */

const OFFERED: ReadonlySet<string> = new Set([
  "POST /sign-in/email",
  "POST /sign-in/social",
  "GET /callback/sso",
  "POST /sign-out",
  "POST /change-password",
  "POST /two-factor/enable",
  "POST /two-factor/disable",
  "POST /two-factor/verify-totp",
  "POST /two-factor/verify-backup-code",
  "POST /two-factor/generate-backup-codes",
]);

const nameOf = (request: Request): string =>
  `${request.method} ${new URL(request.url).pathname.replace(/^\/api\/auth/, "")}`;

/** Whether a request is for a route that there is. */
export function isOffered(request: Request): boolean {
  return OFFERED.has(nameOf(request));
}

const BASE = "http://console.invalid";

/** Whether a text is a path of this console: no other site, however browsers read slashes, and nothing that runs. */
export function isOwnPath(text: unknown): boolean {
  if (typeof text !== "string" || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text) || text.includes("\\"))
    return false;
  return URL.canParse(text, BASE) && new URL(text, BASE).origin === BASE;
}

/** Whether a body asks to be sent anywhere but to a path of this console in the end. */
export function leadsAway(body: string | null): boolean {
  const given = objectIn(body);
  return Object.entries(given).some(([name, value]) => /url$/i.test(name) && !isOwnPath(value));
}

function objectIn(body: string | null): Readonly<Record<string, unknown>> {
  try {
    const given: unknown = JSON.parse(body ?? "");
    return typeof given === "object" && given !== null ? (given as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const ACTIONS: Readonly<Record<string, string>> = {
  "POST /sign-in/email": "person.sign_in",
  "GET /callback/sso": "person.sign_in",
  "POST /two-factor/verify-totp": "person.sign_in",
  "POST /two-factor/verify-backup-code": "person.sign_in",
  "POST /sign-out": "person.sign_out",
  "POST /change-password": "person.password",
  "POST /two-factor/enable": "person.second_factor",
  "POST /two-factor/disable": "person.second_factor",
};
/** Answers of a wrong password or code. What was refused unread (429) is not told: it could fill the log. */
const FAILED = new Set([400, 401, 403]);

type Answered = {
  readonly status: number;
  /** Whether a session began. */
  readonly begun: boolean;
  readonly body: string | null;
  /** Who is signed in, or told by the identity provider. */
  readonly actor: string | null;
};

/** The entry of the audit log for a request to better-auth; null where there is none to make. */
export function auditOf(request: Request, answered: Answered) {
  const action = actionOf(nameOf(request), answered);
  if (!action) return null;
  const email = emailIn(answered.body) ?? answered.actor;
  const targetId = email ?? "(unknown)";
  const entry = { action, targetKind: "person", targetId, before: null, after: null };
  // Who failed is not known to be who they said.
  return { actor: action === "person.sign_in_failed" ? null : email, entry };
}

function actionOf(name: string, { status, begun }: Answered): string | null {
  const action = ACTIONS[name] ?? null;
  if (action !== "person.sign_in") return status < 400 ? action : null;
  if (begun) return action;
  // With the right password alone a second factor is asked for: neither in nor failed.
  return FAILED.has(status) || name.startsWith("GET") ? "person.sign_in_failed" : null;
}

const MOST_EMAIL_CHARACTERS = 254;

function emailIn(body: string | null): string | null {
  const { email } = objectIn(body);
  return typeof email === "string" ? email.slice(0, MOST_EMAIL_CHARACTERS).toLowerCase() : null;
}
