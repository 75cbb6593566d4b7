/** What the audit log calls things, in words for people. */

/** First parts of actions, as they are chosen from. */
export const AUDIT_GROUPS = {
  change: "Changes",
  incident: "Incidents",
  finding: "Findings",
  key: "Keys",
  policy: "Policy",
  probe: "Probes",
  truth: "Sources",
  alert_rule: "Alert rules",
  receiver: "Receivers",
  routing: "Routing",
  silence: "Silences",
  thread: "Threads",
  message: "Messages",
  retention: "Retention",
  token: "Tokens",
  person: "People",
  link: "One-time links",
} as const;

const ACTIONS: Readonly<Record<string, string>> = {
  "change.record": "recorded a change",
  "truth.choose": "chose the view",
  "incident.acknowledge": "acknowledged an incident",
  "incident.unacknowledge": "took back an acknowledgement",
  "incident.assign": "assigned an incident",
  "incident.comment": "commented on an incident",
  "incident.resolve": "resolved an incident",
  "finding.acknowledge": "acknowledged a finding",
  "finding.close": "closed a finding",
  "finding.reopen": "reopened a finding",
  "key.event": "said what was done with a key",
  "policy.threshold": "set a threshold",
  "policy.exception": "made or ended an exception",
  "policy.intent": "declared facts",
  "probe.save": "saved a probe target",
  "probe.delete": "deleted a probe target",
  "alert_rule.save": "saved an alert rule",
  "alert_rule.delete": "deleted an alert rule",
  "receiver.save": "saved a receiver",
  "receiver.delete": "deleted a receiver",
  "routing.save": "saved the routing tree",
  "silence.save": "made or ended a silence",
  "thread.acknowledge": "acknowledged a thread",
  "message.put": "sent a test message",
  "message.resend": "sent a message again",
  "person.role": "gave or took a role",
  "person.sign_in": "signed in",
  "person.sign_in_failed": "failed to sign in",
  "person.sign_out": "signed out",
  "person.password": "changed a password",
  "person.second_factor": "changed a second factor",
  "person.sessions": "ended sessions",
  "person.remove": "removed a person",
  "link.make": "made a one-time link",
  "link.use": "used a one-time link",
  "link.end": "ended a one-time link",
  "retention.save": "set how long data is kept",
  "tenant.create": "made a tenant",
  "tenant.erase": "erased a tenant",
  "store.restore": "restored a backup",
  "token.create": "made a source token",
  "token.revoke": "revoked a source token",
  "token.rotate": "rotated a source token",
};

/** An action in words; one without words as it is. */
export const inActionWords = (action: string): string => ACTIONS[action] ?? action;

export type AuditField = { readonly name: string; readonly before: unknown; readonly after: unknown };

/** Fields in which two rows differ, in the order of the later row. A missing row has no fields; several rows are one field. */
export function changedFields(before: unknown, after: unknown): readonly AuditField[] {
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...Object.keys(is), ...Object.keys(was)])];
  return names
    .map((name) => ({ name, before: was[name] ?? null, after: is[name] ?? null }))
    .filter((field) => JSON.stringify(field.before) !== JSON.stringify(field.after));
}

function fieldsOf(row: unknown): Readonly<Record<string, unknown>> {
  if (row === null || row === undefined) return {};
  if (typeof row !== "object" || Array.isArray(row)) return { rows: row };
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      // What was said with an act lies one deeper.
      name === "said" && typeof value === "object" && value !== null
        ? Object.entries(value).map(([part, said]) => [`said: ${part}`, said])
        : [[name, value]],
    ),
  );
}
