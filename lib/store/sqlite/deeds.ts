import type { PeopleStore } from "../port.ts";
import type { AlertActor } from "../port-alerting.ts";
import type { FindingWriter } from "../port-findings.ts";
import type { KeyActor } from "../port-keys.ts";
import type { PersonActor } from "../port-people.ts";
import type { PolicyWriter } from "../port-policy.ts";
import type { ProbeWriter } from "../port-probe.ts";
import type { TokenActor } from "../port-tokens.ts";
import type { RetentionActor } from "../port-upkeep.ts";

/** What the audit log says of one act. */
export type Deed = {
  readonly action: string;
  readonly targetKind: string;
  readonly targetId: string;
  /** The rows that are shown as they were and as they are then. Only named columns: secrets and bulk stay out. */
  readonly rows: Rows;
  /** What was said with it and stands in no such column. */
  readonly said?: Readonly<Record<string, unknown>>;
};
type Rows = {
  readonly table: string;
  readonly key: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
};

/** A deed for every method of an interface, made of what the method is given: a new method does not compile without one. */
export type DeedsOf<Acts> = {
  readonly [Method in keyof Acts]: (
    given: Acts[Method] extends (tenant: number, given: infer Given, ...rest: never[]) => unknown
      ? Given
      : never,
  ) => Deed;
};

type Own = Pick<PeopleStore, "recordChange" | "chooseTruth" | "actOnIncident">;

const CHANGE = ["kind", "atMs", "endMs", "endpoint", "node", "region", "title", "detail", "ref", "actor"];
const INCIDENT = ["state", "resolvedMs", "acknowledgedBy", "acknowledgedMs", "assignee"];

export const OWN_DEEDS: DeedsOf<Own> = {
  recordChange: ({ id }) => ({
    ...{ action: "change.record", targetKind: "change", targetId: id },
    rows: { table: "Change", key: { id }, columns: CHANGE },
  }),
  chooseTruth: ({ node, system }) => ({
    ...{ action: "truth.choose", targetKind: "view", targetId: `${node ?? "?"} ${system ?? "?"}` },
    rows: { table: "TruthChoice", key: { node: node ?? "", system: system ?? "" }, columns: ["vantage"] },
  }),
  actOnIncident: ({ id, action, actor, text }) => ({
    ...{ action: `incident.${action}`, targetKind: "incident", targetId: id },
    rows: { table: "Incident", key: { id }, columns: INCIDENT },
    said: { name: actor, text },
  }),
};

export const FINDING_DEEDS: DeedsOf<Pick<FindingWriter, "actOnFinding">> = {
  actOnFinding: ({ id, action, actor }) => ({
    ...{ action: `finding.${action}`, targetKind: "finding", targetId: id },
    rows: {
      ...{ table: "Finding", key: { id } },
      columns: ["kind", "title", "state", "acknowledgedBy", "acknowledgedMs"],
    },
    said: { name: actor },
  }),
};

const KEY_EVENT = ["atMs", "endpoint", "node", "keyGroup", "keyName", "action", "actor", "reason"];

export const KEY_DEEDS: DeedsOf<KeyActor> = {
  recordKeyEvent: ({ id, keyName }) => ({
    ...{ action: "key.event", targetKind: "key", targetId: keyName },
    rows: { table: "KeyEvent", key: { id }, columns: KEY_EVENT },
  }),
};

export const POLICY_DEEDS: DeedsOf<PolicyWriter> = {
  saveThreshold: ({ rule }) => ({
    ...{ action: "policy.threshold", targetKind: "policy rule", targetId: rule },
    rows: { table: "PolicyThreshold", key: { rule }, columns: ["threshold", "actor"] },
  }),
  saveException: ({ id, rule }) => ({
    ...{ action: "policy.exception", targetKind: "policy rule", targetId: rule },
    rows: {
      ...{ table: "PolicyException", key: { id } },
      columns: ["id", "endpoint", "reason", "actor", "expiresMs", "endedMs"],
    },
  }),
  saveIntent: ({ endpoint }) => ({
    ...{ action: "policy.intent", targetKind: "endpoint", targetId: endpoint ?? "(all)" },
    rows: { table: "PolicyIntent", key: { endpoint: endpoint ?? "" }, columns: ["intent", "actor"] },
  }),
};

const TARGET = ["origin", "endpoint", "paused", "spec"];

export const PROBE_DEEDS: DeedsOf<Pick<ProbeWriter, "saveProbeTarget" | "deleteProbeTarget">> = {
  saveProbeTarget: ({ id }) => ({
    ...{ action: "probe.save", targetKind: "probe target", targetId: id },
    rows: { table: "ProbeTarget", key: { id }, columns: TARGET },
  }),
  deleteProbeTarget: (id) => ({
    ...{ action: "probe.delete", targetKind: "probe target", targetId: id },
    rows: { table: "ProbeTarget", key: { id }, columns: TARGET },
  }),
};

export const RETENTION_DEEDS: DeedsOf<RetentionActor> = {
  saveRetention: () => ({
    ...{ action: "retention.save", targetKind: "retention", targetId: "tenant" },
    rows: { table: "TenantRetention", key: {}, columns: ["historyMs", "samplesMs"] },
  }),
};

const RULE = ["origin", "spec", "actor"];
/** Settings are sealed: of them the log tells only whether they are others now. */
const RECEIVER = ["kind", "origin", "settings", "actor"];
const MESSAGE = ["receiver", "thread", "reason", "state", "attempts"];

const receiver = (action: string, name: string): Deed => ({
  ...{ action: `receiver.${action}`, targetKind: "receiver", targetId: name },
  rows: { table: "AlertReceiver", key: { name }, columns: RECEIVER },
});
const alertRule = (action: string, id: string): Deed => ({
  ...{ action: `alert_rule.${action}`, targetKind: "alert rule", targetId: id },
  rows: { table: "AlertRule", key: { id }, columns: RULE },
});
const message = (action: string, id: string): Deed => ({
  ...{ action: `message.${action}`, targetKind: "message", targetId: id },
  rows: { table: "Outbox", key: { id }, columns: MESSAGE },
});

export const ALERT_DEEDS: DeedsOf<AlertActor> = {
  saveAlertRule: ({ rule }) => alertRule("save", rule.id),
  deleteAlertRule: (id) => alertRule("delete", id),
  saveSilence: ({ id }) => ({
    ...{ action: "silence.save", targetKind: "silence", targetId: id },
    rows: {
      ...{ table: "AlertSilence", key: { id } },
      columns: ["matchers", "startsMs", "endsMs", "author", "reason", "endedMs"],
    },
  }),
  saveReceiver: ({ name }) => receiver("save", name),
  deleteReceiver: (name) => receiver("delete", name),
  saveRouting: () => ({
    ...{ action: "routing.save", targetKind: "routing", targetId: "tree" },
    rows: { table: "AlertRouting", key: {}, columns: ["origin", "tree", "actor"] },
  }),
  acknowledgeThread: ({ thread, actor }) => ({
    ...{ action: "thread.acknowledge", targetKind: "thread", targetId: thread },
    rows: {
      ...{ table: "AlertThread", key: { thread } },
      columns: ["receiver", "acknowledgedBy", "acknowledgedMs"],
    },
    said: { name: actor },
  }),
  putMessage: ({ id }) => message("put", id),
  resendMessage: ({ id }) => message("resend", id),
};

/** Not the hash of its secret: nobody needs it to tell tokens apart. */
const TOKEN = [
  "name",
  "scopes",
  "endpoints",
  "nodes",
  "createdBy",
  "expiresMs",
  "revokedMs",
  "revokedBy",
  "successorId",
];
const token = (action: string, id: string): Deed => ({
  ...{ action: `token.${action}`, targetKind: "token", targetId: id },
  rows: { table: "SourceToken", key: { id }, columns: TOKEN },
});

export const TOKEN_DEEDS: DeedsOf<TokenActor> = {
  createToken: ({ id }) => token("create", id),
  revokeToken: ({ id }) => token("revoke", id),
  rotateToken: ({ id }) => token("rotate", id),
};

/** A link is told by the beginning of its hash, which opens nothing. */
const link = (action: string, secretHash: string): Deed => ({
  ...{ action: `link.${action}`, targetKind: "link", targetId: secretHash.slice(0, 12) },
  rows: {
    ...{ table: "OneTimeLink", key: { secretHash } },
    columns: ["purpose", "role", "userId", "createdBy", "expiresMs", "usedMs"],
  },
});

export const PERSON_DEEDS: DeedsOf<PersonActor> = {
  setRole: ({ userId, email, via }) => ({
    ...{ action: "person.role", targetKind: "person", targetId: email },
    rows: { table: "Member", key: { userId, via }, columns: ["via", "role"] },
  }),
  makeLink: ({ secretHash }) => link("make", secretHash),
  takeLink: ({ secretHash }) => link("use", secretHash),
  endLink: ({ secretHash }) => link("end", secretHash),
};
