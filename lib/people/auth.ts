import { hkdfSync } from "node:crypto";
import { type BetterAuthOptions, betterAuth } from "better-auth";
import { genericOAuth, twoFactor } from "better-auth/plugins";
import type { Logger } from "../runtime/log.ts";
import { hashPassword, isPassword, PASSWORD_CHARACTERS } from "./password.ts";

/** The id of the identity provider in paths of better-auth. */
export const PROVIDER = "sso";
/** Where people.ts puts the address that a request came from. */
export const CLIENT_HEADER = "x-reprise-client";

/** Guesses that an address has in so many seconds; accounts are not locked, so that nobody locks out others. */
const GUESSES = { window: 60, max: 10 } as const;

export type Oidc = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly groupsClaim: string;
};

export type AuthOptions = {
  readonly database: NonNullable<BetterAuthOptions["database"]>;
  /** The installation's secret. */
  readonly secret: Buffer;
  /** The console's address, without a slash at its end. */
  readonly baseUrl: string;
  readonly sessionMs: number;
  readonly oidc: Oidc | null;
  readonly log: Logger;
  /** Whether a profile of the identity provider gives any role, and what to remember of it. */
  readonly admits: (user: { readonly email: string }, profile: Readonly<Record<string, unknown>>) => boolean;
  /** Called before a session begins. */
  readonly begins: (userId: string) => Promise<void>;
};

export type Auth = ReturnType<typeof makeAuth>;

/** better-auth as Reprise uses it: nobody signs up, sessions are in the store and end there, and no request leaves but to the issuer. */
export function makeAuth(options: AuthOptions) {
  const secure = options.baseUrl.startsWith("https:");
  return betterAuth({
    appName: "Reprise",
    baseURL: options.baseUrl,
    basePath: "/api/auth",
    secret: Buffer.from(hkdfSync("sha256", options.secret, "", "reprise sign-in", 32)).toString("hex"),
    database: options.database,
    telemetry: { enabled: false },
    logger: {
      level: "warn",
      log: (level, message) => options.log[level === "error" ? "error" : "warn"](message),
    },
    // Which site asks is checked before a request gets here; a console is reached by several names.
    trustedOrigins: (request) => (request ? [new URL(request.url).origin] : []),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_CHARACTERS.least,
      maxPasswordLength: PASSWORD_CHARACTERS.most,
      password: { hash: hashPassword, verify: isPassword },
    },
    account: { modelName: "authAccount", accountLinking: { enabled: false } },
    verification: { modelName: "authVerification" },
    session: {
      modelName: "authSession",
      expiresIn: Math.max(60, Math.floor(options.sessionMs / 1_000)),
      disableSessionRefresh: true,
    },
    user: {
      modelName: "authUser",
      validateUserInfo: ({ user, source }) => {
        if (
          source.method !== "oauth" ||
          options.admits({ email: user.email ?? "" }, source.oauth?.profile ?? {})
        )
          return;
        return { error: "no_access", errorDescription: "None of your groups may use this console." };
      },
    },
    databaseHooks: { session: { create: { before: ({ userId }) => options.begins(userId) } } },
    rateLimit: {
      enabled: true,
      storage: "memory",
      ...{ window: 60, max: 300 },
      customRules: {
        "/sign-in/email": GUESSES,
        // Nothing is guessed here: who somebody is, the provider says.
        "/sign-in/social": { window: 60, max: 60 },
        "/change-password": GUESSES,
        "/two-factor/verify-totp": GUESSES,
        "/two-factor/verify-backup-code": GUESSES,
      },
    },
    advanced: {
      useSecureCookies: false,
      cookiePrefix: "reprise",
      cookies: secure ? { session_token: { name: "__Host-reprise.session" } } : {},
      defaultCookieAttributes: { secure, httpOnly: true, sameSite: "lax", path: "/" },
      ipAddress: { ipAddressHeaders: [CLIENT_HEADER] },
    },
    onAPIError: { errorURL: "/" },
    plugins: [
      twoFactor({ issuer: "Reprise", twoFactorTable: "authTwoFactor" }),
      ...(options.oidc ? [providerOf(options.oidc)] : []),
    ],
  });
}

function providerOf({ issuer, clientId, clientSecret }: Oidc) {
  const discoveryUrl = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  return genericOAuth({
    config: [
      {
        ...{ providerId: PROVIDER, discoveryUrl, clientId, clientSecret, pkce: true },
        requireIdTokenVerification: true,
        scopes: ["openid", "profile", "email", "groups"],
      },
    ],
  });
}
