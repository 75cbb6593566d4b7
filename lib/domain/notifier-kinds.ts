/** The ways to be told, as people set them up: what each wants, and what of it is secret. The notifiers send by the same description. */
import { z } from "zod";

export type NotifierField = {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly required: boolean;
  readonly kind: "text" | "long" | "secret" | "url" | "number" | "choice" | "list";
  /** Of a choice, the usual one first. */
  readonly options?: readonly string[];
};

export type NotifierKind<Settings = unknown> = {
  readonly kind: string;
  readonly title: string;
  /** One sentence for people who choose one. */
  readonly about: string;
  readonly settings: z.ZodType<Settings>;
  /** Settings that are never shown again once they are saved. */
  readonly secrets: readonly string[];
  /** Settings that say where secrets are sent to, and how safely: who changes one has to know the secrets. */
  readonly destination: readonly string[];
  /** What people fill in, in order. */
  readonly fields: readonly NotifierField[];
};

const address = z.url().max(2_048);
const authorization = z.string().max(4_096).default("");

const authorizationField: NotifierField = {
  ...{ name: "authorization", label: "Authorization", hint: "Bearer …", required: false, kind: "secret" },
};
const urlField = (hint: string, required: boolean): NotifierField => ({
  ...{ name: "url", label: "Address", hint, required, kind: "url" },
});

const webhookSettings = z.strictObject({
  url: address,
  /** Signs each body; without it nothing is signed. */
  secret: z.string().max(512).default(""),
  format: z.enum(["reprise", "alertmanager"]).default("reprise"),
  /** Sent as Authorization, as it stands. */
  authorization,
});
const webhook: NotifierKind<z.infer<typeof webhookSettings>> = {
  kind: "webhook",
  title: "Webhook",
  about: "A POST of JSON, signed, in Reprise's form or as Prometheus Alertmanager's webhooks have it.",
  settings: webhookSettings,
  secrets: ["secret", "authorization"],
  destination: ["url"],
  fields: [
    urlField("https://…", true),
    {
      ...{ name: "secret", label: "Signing secret", hint: "signs with HMAC-SHA-256" },
      ...{ required: false, kind: "secret" },
    },
    {
      ...{ name: "format", label: "Form", hint: "", required: false, kind: "choice" },
      options: ["reprise", "alertmanager"],
    },
    authorizationField,
  ],
};

const slackSettings = z.strictObject({
  /** A bot's token (chat:write). */
  token: z.string().min(1).max(256),
  /** Id or name of a channel that the bot is in. */
  channel: z.string().min(1).max(80),
  url: address.default("https://slack.com"),
});
const slack: NotifierKind<z.infer<typeof slackSettings>> = {
  kind: "slack",
  title: "Slack",
  about: "One message a thread, brought up to date as it goes on; what happens is told under it.",
  settings: slackSettings,
  secrets: ["token"],
  destination: ["url"],
  fields: [
    { name: "token", label: "Bot token", hint: "xoxb-…, with chat:write", required: true, kind: "secret" },
    { name: "channel", label: "Channel", hint: "#edge-alerts", required: true, kind: "text" },
    urlField("https://slack.com", false),
  ],
};

const pagerdutySettings = z.strictObject({
  routingKey: z.string().min(1).max(64),
  /** Of another region: https://events.eu.pagerduty.com. */
  url: address.default("https://events.pagerduty.com"),
});
const pagerduty: NotifierKind<z.infer<typeof pagerdutySettings>> = {
  kind: "pagerduty",
  title: "PagerDuty",
  about: "Events API v2: a thread is one incident there, triggered and resolved by its key.",
  settings: pagerdutySettings,
  secrets: ["routingKey"],
  destination: ["url"],
  fields: [
    {
      ...{ name: "routingKey", label: "Integration key", hint: "of an Events API v2 integration" },
      ...{ required: true, kind: "secret" },
    },
    urlField("https://events.pagerduty.com", false),
  ],
};

const opsgenieSettings = z.strictObject({
  apiKey: z.string().min(1).max(128),
  /** Of another region: https://api.eu.opsgenie.com. */
  url: address.default("https://api.opsgenie.com"),
  tags: z.array(z.string().min(1).max(50)).max(20).default([]),
});
const opsgenie: NotifierKind<z.infer<typeof opsgenieSettings>> = {
  kind: "opsgenie",
  title: "Opsgenie",
  about: "Its alerts API: a thread is one alert there, created and closed by its alias.",
  settings: opsgenieSettings,
  secrets: ["apiKey"],
  destination: ["url"],
  fields: [
    { name: "apiKey", label: "API key", hint: "of an API integration", required: true, kind: "secret" },
    urlField("https://api.opsgenie.com", false),
    { name: "tags", label: "Tags", hint: "tls, edge", required: false, kind: "list" },
  ],
};

const mailbox = z.email().max(254);
const emailSettings = z.strictObject({
  host: z.string().min(1).max(253),
  port: z.coerce.number().int().min(1).max(65_535).default(587),
  /** `implicit`: TLS from the first byte. `starttls`: it has to be switched on. `none`: only within one's own network. */
  tls: z.enum(["starttls", "implicit", "none"]).default("starttls"),
  user: z.string().max(254).default(""),
  password: z.string().max(512).default(""),
  from: mailbox,
  to: z.array(mailbox).min(1).max(50),
  /** PEM of a CA of one's own. */
  ca: z.string().max(65_536).default(""),
});
const email: NotifierKind<z.infer<typeof emailSettings>> = {
  kind: "email",
  title: "E-mail",
  about: "SMTP, with text, HTML and a picture of the course; a thread stays together.",
  settings: emailSettings,
  secrets: ["password"],
  destination: ["host", "port", "tls", "ca"],
  fields: [
    { name: "host", label: "SMTP host", hint: "smtp.example", required: true, kind: "text" },
    { name: "port", label: "Port", hint: "587", required: false, kind: "number" },
    {
      ...{ name: "tls", label: "TLS", hint: "", required: false, kind: "choice" },
      options: ["starttls", "implicit", "none"],
    },
    { name: "user", label: "User", hint: "", required: false, kind: "text" },
    { name: "password", label: "Password", hint: "", required: false, kind: "secret" },
    { name: "from", label: "From", hint: "reprise@example", required: true, kind: "text" },
    { name: "to", label: "To", hint: "sre@example, …", required: true, kind: "list" },
    {
      ...{ name: "ca", label: "CA (PEM)", hint: "of a server with a CA of its own" },
      ...{ required: false, kind: "long" },
    },
  ],
};

const alertmanagerSettings = z.strictObject({
  /** Without /api/v2/alerts. */
  url: address,
  authorization,
});
const alertmanager: NotifierKind<z.infer<typeof alertmanagerSettings>> = {
  kind: "alertmanager",
  title: "Prometheus Alertmanager",
  about: "Alerts of its API v2: its own routes, silences and inhibitions go on from there.",
  settings: alertmanagerSettings,
  secrets: ["authorization"],
  destination: ["url"],
  fields: [urlField("http://alertmanager:9093", true), authorizationField],
};

export const NOTIFIER_KINDS = { webhook, slack, pagerduty, opsgenie, email, alertmanager };

/** The description of a kind; null for one that is not known. */
export function notifierKind(kind: string): NotifierKind | null {
  return Object.hasOwn(NOTIFIER_KINDS, kind) ? NOTIFIER_KINDS[kind as keyof typeof NOTIFIER_KINDS] : null;
}
