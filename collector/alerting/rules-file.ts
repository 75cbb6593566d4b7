import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { AlertFile, AlertReceiver } from "../../lib/contract/alert-file.ts";
import { parseAlertFile } from "../../lib/runtime/alert-yaml.ts";
import type { Logger } from "../../lib/runtime/log.ts";
import { type Seal, sealedFor } from "../../lib/runtime/secret.ts";
import { SettingsError } from "../../lib/runtime/settings.ts";
import type { TenantId, WriteStore } from "../../lib/store/port.ts";
import type { Notifier } from "../notify/notifier.ts";

export type RulesFileOptions = {
  readonly path: string;
  readonly store: Pick<WriteStore, "alerting">;
  readonly tenant: TenantId;
  readonly seal: Seal;
  readonly notifiers: readonly Notifier[];
  /** Where `${NAME}` in receivers' settings is looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
};

/**
 * Rules, receivers and routes from a file: what it says is kept with `file` as origin, what it no longer says goes. It is read again
 * when it has changed; a file that cannot be used changes nothing, and is told in the log.
 */
export class RulesFile {
  readonly #options: RulesFileOptions;
  #digest = "";

  constructor(options: RulesFileOptions) {
    this.#options = options;
  }

  /** For the start: throws SettingsError where the file cannot be used. */
  async load(nowMs: number): Promise<void> {
    const { path } = this.#options;
    const text = readText(path);
    const file = parseAlertFile(text, path);
    const sealed = file.receivers.map((receiver) => this.#sealed(receiver));
    await this.#keep(file, { sealed, nowMs });
    this.#digest = digestOf(text);
  }

  /** Reads it again if it has changed. Never throws for what is in it. */
  async refresh(nowMs: number): Promise<void> {
    const { path, log } = this.#options;
    try {
      const digest = digestOf(readText(path));
      if (digest === this.#digest) return;
      await this.load(nowMs);
      log.info({ path }, "alert rules were read again");
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      log.error({ path, error: error.message }, "the changed alert rules cannot be used; the old ones stay");
    }
  }

  #sealed(receiver: AlertReceiver) {
    const { path, notifiers, seal, tenant } = this.#options;
    const notifier = notifiers.find(({ kind }) => kind === receiver.kind);
    const known = notifiers.map(({ kind }) => kind).join(", ");
    if (!notifier)
      throw new SettingsError(
        `${path}: receiver ${receiver.name}: there is no kind "${receiver.kind}"; known: ${known}`,
      );
    const parsed = notifier.settings.safeParse(this.#filled(receiver.settings));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new SettingsError(
        `${path}: receiver ${receiver.name}: ${issue?.path.join(".")}: ${issue?.message}`,
      );
    }
    return {
      name: receiver.name,
      kind: receiver.kind,
      settings: seal.seal(sealedFor(tenant, receiver.name), parsed.data),
    };
  }

  /** Texts with `${NAME}` replaced. Throws SettingsError for a name that the environment does not have. */
  #filled(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#filled(item));
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#filled(item)]));
    if (typeof value !== "string") return value;
    return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
      const found = this.#options.environment[name];
      if (found === undefined)
        throw new SettingsError(`${this.#options.path}: the environment has no ${name}`);
      return found;
    });
  }

  async #keep(
    file: AlertFile,
    {
      sealed,
      nowMs,
    }: {
      readonly sealed: readonly { name: string; kind: string; settings: Uint8Array }[];
      readonly nowMs: number;
    },
  ): Promise<void> {
    const { store, tenant } = this.#options;
    const { alerting } = store;
    const about = { origin: "file" as const, actor: null, updatedMs: nowMs };
    for (const { origin, rule } of await alerting.readAlertRules(tenant))
      if (origin === "file" && !file.rules.some(({ id }) => id === rule.id))
        await alerting.deleteAlertRule(tenant, rule.id);
    for (const rule of file.rules) await alerting.saveAlertRule(tenant, { ...about, rule, createdMs: nowMs });
    for (const { origin, name } of await alerting.readReceivers(tenant))
      if (origin === "file" && !sealed.some((one) => one.name === name))
        await alerting.deleteReceiver(tenant, name);
    for (const receiver of sealed) await alerting.saveReceiver(tenant, { ...about, ...receiver });
    if (file.route) await alerting.saveRouting(tenant, { ...about, tree: file.route });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new SettingsError(
      `REPRISE_ALERT_RULES names ${path}, which cannot be read: ${(error as Error).message}`,
    );
  }
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");
