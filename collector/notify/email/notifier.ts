import { createHash } from "node:crypto";
import { isIP } from "node:net";
import { createTransport } from "nodemailer";
import type { z } from "zod";
import type { AlertMessage } from "../../../lib/alerting/message.ts";
import { NOTIFIER_KINDS } from "../../../lib/domain/notifier-kinds.ts";
import { failure } from "../answer.ts";
import type { Notifier, SendContext, SendResult } from "../notifier.ts";
import { coursePng } from "../picture.ts";
import { plainText } from "../words.ts";
import { htmlText } from "./html.ts";

type Settings = z.infer<typeof NOTIFIER_KINDS.email.settings>;

/** E-mail over SMTP, as text and HTML, with the course as a picture. Messages of a thread stand together in mail programs. */
export const emailNotifier: Notifier<Settings> = {
  ...NOTIFIER_KINDS.email,
  send: async (message, context) => {
    const { settings: to, http, timeoutMs } = context;
    const where = await http.resolve(to.host);
    if (where.kind !== "address")
      return failure({ status: null, error: where.reason, retryable: where.kind === "failed" });
    const transport = createTransport({
      ...{
        host: where.address,
        port: to.port,
        secure: to.tls === "implicit",
        requireTLS: to.tls === "starttls",
      },
      ...{
        ignoreTLS: to.tls === "none",
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
      },
      tls: { ...(isIP(to.host) ? {} : { servername: to.host }), ...(to.ca ? { ca: to.ca } : {}) },
      ...(to.user ? { auth: { user: to.user, pass: to.password } } : {}),
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
    try {
      await transport.sendMail(mailOf(message, to));
      return { ok: true, status: 250, error: null, retryable: false, retryAfterMs: null, refs: null };
    } catch (error) {
      return failed(error as SmtpError, context);
    } finally {
      transport.close();
    }
  },
};

function mailOf(message: AlertMessage, to: Settings) {
  const domain = to.from.split("@").at(-1) ?? "reprise";
  const root = `<${createHash("sha256").update(message.thread).digest("hex").slice(0, 32)}@${domain}>`;
  const picture = message.course && {
    ...{ filename: "course.png", cid: `course.${message.id}@${domain}`, contentType: "image/png" },
    content: coursePng(message.course),
  };
  return {
    ...{ from: to.from, to: [...to.to], subject: message.title.replace(/[\r\n]+/g, " ") },
    ...{ messageId: `<${message.id}@${domain}>`, inReplyTo: root, references: [root] },
    headers: {
      "Auto-Submitted": "auto-generated",
      "X-Reprise-Thread": message.thread.replace(/[^ -~]/g, "?"),
    },
    text: plainText(message),
    html: htmlText(message, picture?.cid ?? null),
    attachments: picture ? [picture] : [],
  };
}

type SmtpError = Error & {
  readonly responseCode?: number;
  readonly code?: string;
  readonly response?: string;
};

/** Without a status: what only somebody can mend. */
const FINAL_CODES = new Set(["EAUTH", "ETLS", "EENVELOPE"]);

/** 4xx of SMTP is "not now", 5xx "never" (RFC 5321 4.2.1); a wrong certificate or password is somebody's to mend. */
function failed(error: SmtpError, { settings: { password } }: SendContext<Settings>): SendResult {
  const status = error.responseCode ?? null;
  const never = status === null ? FINAL_CODES.has(error.code ?? "") : status >= 500;
  const words = (error.response ?? error.message).replace(/\s+/g, " ").slice(0, 300);
  const safe = password ? words.replaceAll(password, "…") : words;
  return failure({ status, error: `SMTP: ${safe}`, retryable: !never });
}
