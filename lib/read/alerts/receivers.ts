/** Receivers as people see and change them: secrets go in and never come out. */
import type { ReceiverView } from "../../contract/read-alerts.ts";
import type { AlertRoute } from "../../domain/alert-routing.ts";
import { type NotifierKind, notifierKind } from "../../domain/notifier-kinds.ts";
import type { StoredReceiver } from "../../store/port-alerting.ts";
import { ParameterProblem } from "../problem.ts";

/** Opens a receiver's settings; null where that is not possible any more. */
export type OpenReceiver = (receiver: StoredReceiver) => unknown;
type Settings = Readonly<Record<string, unknown>>;

/** Receivers that a tree names. */
export function receiversOf(route: AlertRoute): Set<string> {
  const below = route.routes.flatMap((child) => [...receiversOf(child)]);
  return new Set([...(route.receiver === undefined ? [] : [route.receiver]), ...below]);
}

/** Throws ParameterProblem where a tree names a receiver that there is not. */
export function checkReceivers(tree: AlertRoute, names: Iterable<string>): void {
  const known = new Set(names);
  const missing = [...receiversOf(tree)].find((name) => !known.has(name));
  if (missing !== undefined)
    throw new ParameterProblem(
      "route",
      `the receiver ${missing} is not there; known: ${[...known].join(", ") || "none"}`,
    );
}

/** Receivers with what of their settings is no secret. */
export function receiverViews(
  receivers: readonly StoredReceiver[],
  { tree, open }: { readonly tree: AlertRoute; readonly open: OpenReceiver },
): ReceiverView[] {
  const routed = receiversOf(tree);
  return receivers.map((receiver) => {
    const { name, kind, origin, actor, updatedMs } = receiver;
    const about = notifierKind(kind);
    const opened = asSettings(open(receiver));
    const secrets = about?.secrets ?? [];
    return {
      ...{ name, kind, origin, actor, updatedMs, routed: routed.has(name) },
      settings:
        opened &&
        about &&
        Object.fromEntries(Object.entries(opened).filter(([field]) => !secrets.includes(field))),
      secretsSet: secrets.filter((field) => isSet(opened?.[field])),
    };
  });
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== "";
const asSettings = (value: unknown): Settings | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Settings) : null;

/**
 * Settings to be kept, checked by their kind. `before` is what the receiver had: secrets that are left out are taken from there, unless
 * the address they go to changes, for then whoever changes it has to know them. Throws ParameterProblem with the field.
 */
export function settledSettings(
  kind: string,
  given: Settings,
  before: unknown,
): Readonly<Record<string, unknown>> {
  const about = notifierKind(kind);
  if (!about) throw new ParameterProblem("kind", `there is no kind "${kind}"`);
  const old = asSettings(before);
  const kept = old ? keptSecrets(about, given, old) : {};
  const merged = Object.fromEntries(
    Object.entries({ ...kept, ...given }).filter(([, value]) => isSet(value)),
  );
  const parsed = about.settings.safeParse(merged);
  if (!parsed.success) throw problemOf(about, parsed.error.issues[0]);
  const settings = parsed.data as Settings;
  const moved = old && about.destination.some((name) => String(settings[name]) !== String(old[name]));
  const field = moved ? Object.keys(kept).find((name) => isSet(kept[name])) : undefined;
  if (field !== undefined)
    throw new ParameterProblem(
      field,
      `${labelOf(about, field)} has to be given again, since it would be sent somewhere else`,
    );
  return settings;
}

/** Secrets that were set and that nobody touched. */
function keptSecrets(about: NotifierKind, given: Settings, old: Settings): Record<string, unknown> {
  return Object.fromEntries(
    about.secrets
      .filter((name) => given[name] === undefined && isSet(old[name]))
      .map((name) => [name, old[name]]),
  );
}

function problemOf(
  about: NotifierKind,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): ParameterProblem {
  const field = String(issue?.path[0] ?? "settings");
  return new ParameterProblem(field, `${labelOf(about, field)}: ${issue?.message ?? "not usable"}`);
}

const labelOf = (about: NotifierKind, field: string): string =>
  about.fields.find(({ name }) => name === field)?.label ?? field;
