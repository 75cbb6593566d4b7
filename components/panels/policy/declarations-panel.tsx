"use client";
import { type FormEvent, useState } from "react";
import { Panel } from "@/components/ui/panel.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { PolicyReply } from "@/lib/contract/read-policy.ts";
import { INTENT_FIELDS, INTENT_NAMES, type Intent, type IntentName, NO_INTENT } from "@/lib/domain/intent.ts";
import { useActor } from "../use-actor.ts";
import { useMay } from "../visitor.tsx";
import { enteredOf, IntentInput } from "./intent-input.tsx";
import { usePolicyWrite } from "./use-policy-write.ts";

type Props = {
  readonly policy: PolicyReply;
  readonly scope: string;
  readonly choose: (scope: string) => void;
};

/** What people declare where no telemetry tells, for all endpoints or one. */
export function DeclarationsPanel({ policy, scope, choose }: Props) {
  const endpoint = scope || null;
  const rowOf = (name: string | null) => policy.intents.find((row) => row.endpoint === name);
  const [own, everywhere] = [rowOf(endpoint), rowOf(null)?.intent ?? NO_INTENT];
  const names = [...new Set([...policy.endpoints.map((row) => row.endpoint), ...(scope ? [scope] : [])])];
  const declaredBy = (name: string | null): string => {
    const count = Object.values(rowOf(name)?.intent ?? {}).filter((value) => value !== null).length;
    return count ? ` (${count} declared)` : "";
  };
  return (
    <div id="declarations" className="scroll-mt-14">
      <Panel
        title="Declarations"
        note={
          own ? (
            <>
              declared <Time ms={own.updatedMs} />
              {own.actor ? ` by ${own.actor}` : ""}
            </>
          ) : (
            "nothing declared yet"
          )
        }
        tools={
          <label className="control min-w-0">
            <span className="sr-only">Declarations of</span>
            <select
              className="max-w-64 bg-transparent"
              value={scope}
              onChange={(event) => choose(event.target.value)}
            >
              <option value="">All endpoints{declaredBy(null)}</option>
              {names.map((name) => (
                <option key={name} value={name}>
                  {name + declaredBy(name)}
                </option>
              ))}
            </select>
          </label>
        }
      >
        <Form
          key={`${scope} ${own?.updatedMs ?? 0}`}
          endpoint={endpoint}
          intent={own?.intent ?? NO_INTENT}
          everywhere={endpoint === null ? NO_INTENT : everywhere}
        />
      </Panel>
    </div>
  );
}

type FormProps = { readonly endpoint: string | null; readonly intent: Intent; readonly everywhere: Intent };

function Form({ endpoint, intent, everywhere }: FormProps) {
  const actor = useActor();
  const write = usePolicyWrite();
  const may = useMay("admin");
  const [problem, setProblem] = useState<string | null>(null);
  const save = (next: Partial<Intent>): void =>
    write.mutate({ path: "intents", method: "PUT", body: { endpoint, intent: next, actor: actor || null } });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setProblem(null);
    const given = new FormData(event.currentTarget);
    const next: Record<string, unknown> = { resumption: intent.resumption };
    for (const name of FORM_NAMES) {
      const value = enteredOf(name, String(given.get(name) ?? ""));
      if (value === undefined) {
        setProblem(`${INTENT_FIELDS[name].label}: a length such as 12 h or 7 d, or a number, please`);
        return;
      }
      next[name] = value;
    }
    save(next as Partial<Intent>);
  };
  const told = problem ?? write.error?.message;
  return (
    <form onSubmit={submit} className="space-y-3" aria-label="Declarations">
      <OffSwitch
        intent={intent}
        everywhere={everywhere}
        disabled={write.isPending || !may}
        set={(resumption) => save({ ...intent, resumption })}
      />
      <fieldset
        disabled={!may}
        className="grid grid-cols-1 gap-x-4 gap-y-2 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4"
      >
        {FORM_NAMES.map((name) => (
          <IntentInput key={name} name={name} value={intent[name]} inherited={everywhere[name]} />
        ))}
      </fieldset>
      <div className="flex items-center gap-3">
        <button type="submit" className="control h-8" disabled={write.isPending || !may}>
          Save declarations
        </button>
        {told ? (
          <p role="alert" className="text-bad">
            {told}
          </p>
        ) : null}
      </div>
    </form>
  );
}

/** Every declaration but the switch. */
const FORM_NAMES: readonly IntentName[] = INTENT_NAMES.filter((name) => name !== "resumption");

type SwitchProps = {
  readonly intent: Intent;
  readonly everywhere: Intent;
  readonly disabled: boolean;
  readonly set: (resumption: Intent["resumption"]) => void;
};

/** "Resumption must be off": an endpoint may differ from what holds for all. */
function OffSwitch({ intent, everywhere, disabled, set }: SwitchProps) {
  const inherited = everywhere.resumption === "off";
  const isOff = (intent.resumption ?? everywhere.resumption) === "off";
  return (
    <label className="flex max-w-3xl items-start gap-2.5">
      <input
        type="checkbox"
        role="switch"
        aria-checked={isOff}
        className="mt-0.5 size-4.5 shrink-0 accent-(--accent)"
        checked={isOff}
        disabled={disabled}
        onChange={() => set(isOff ? (inherited ? "allowed" : null) : "off")}
      />
      <span>
        <span className="font-medium">Resumption must be off</span>
        {inherited && intent.resumption === null ? (
          <span className="text-ink-3"> (declared for all endpoints)</span>
        ) : null}
        <span className="block text-ink-2">
          Expected is none at all: each handshake that resumes, by session id, ticket or PSK, is a violation
          of H28, and rules about resuming well do not apply.
        </span>
      </span>
    </label>
  );
}
