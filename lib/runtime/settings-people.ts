/** Settings of who may use the console (part of the settings table in settings.ts). */
export const PEOPLE_SETTINGS = {
  auth: {
    variable: "REPRISE_AUTH",
    kind: "text",
    fallback: "on",
    about:
      "`on`: people sign in (docs/security.md). `off`: whoever reaches the console is its administrator; only where HOST is loopback.",
  },
  trustedProxies: {
    variable: "REPRISE_TRUSTED_PROXIES",
    kind: "text",
    fallback: "127.0.0.0/8, ::1",
    about:
      "Networks and addresses of reverse proxies before the console, separated by commas: where a request comes from one, X-Forwarded-For says who asked. Of anybody else it is not believed.",
  },
  sessionMs: {
    variable: "REPRISE_SESSION_MS",
    kind: "ms",
    fallback: "604800000",
    about: "How long a sign-in lasts (default 7 days).",
  },
  oidcIssuer: {
    variable: "REPRISE_OIDC_ISSUER",
    kind: "text",
    fallback: "",
    about:
      "Issuer of an OpenID Connect provider by which people may sign in; its discovery document is read. Needs REPRISE_CONSOLE_URL, and `groups` in the configuration file. Empty: passwords only.",
  },
  oidcName: {
    variable: "REPRISE_OIDC_NAME",
    kind: "text",
    fallback: "single sign-on",
    about: "What that provider is called on the sign-in page.",
  },
  oidcClientId: {
    variable: "REPRISE_OIDC_CLIENT_ID",
    kind: "text",
    fallback: "",
    about:
      "Client id that the provider gave Reprise. Redirect URI: REPRISE_CONSOLE_URL/api/auth/callback/sso.",
  },
  oidcClientSecret: {
    variable: "REPRISE_OIDC_CLIENT_SECRET",
    kind: "text",
    fallback: "",
    about: "The secret with it.",
  },
  oidcGroupsClaim: {
    variable: "REPRISE_OIDC_GROUPS_CLAIM",
    kind: "text",
    fallback: "groups",
    about: "Claim that lists a person's groups.",
  },
} as const;
