"use client";
import { type FormEvent, useState } from "react";
import { PRIMARY, Problem, Sheet } from "@/components/ui/sheet.tsx";
import type { ReceiverView } from "@/lib/contract/read-alerts.ts";
import { NOTIFIER_KINDS, type NotifierField, notifierKind } from "@/lib/domain/notifier-kinds.ts";
import { useActor } from "../use-actor.ts";
import { useAlertWrite } from "./use-alert-write.ts";

type Props = {
  /** null: a new one. */
  readonly receiver: ReceiverView | null;
  readonly close: () => void;
};

/** Adds a receiver or changes one, with what its kind wants. */
export function ReceiverSheet({ receiver, close }: Props) {
  const [kind, setKind] = useState(receiver?.kind ?? "webhook");
  const actor = useActor();
  const write = useAlertWrite();
  const about = notifierKind(kind);
  const same = receiver?.kind === kind ? receiver : null;
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const settings = Object.fromEntries(
      (about?.fields ?? []).flatMap((field) => {
        const value = valueOfField(field, given);
        return value === undefined ? [] : [[field.name, value]];
      }),
    );
    const body = { kind, settings, actor: actor.trim() || null };
    write.mutate(
      receiver
        ? { path: `receivers/${encodeURIComponent(receiver.name)}`, method: "PUT", body }
        : { path: "receivers", method: "POST", body: { ...body, name: String(given.get("name")) } },
      { onSuccess: close },
    );
  };
  return (
    <Sheet title={receiver ? `Receiver ${receiver.name}` : "Add a receiver"} close={close}>
      <form onSubmit={submit} aria-label="Receiver" className="grid grid-cols-2 gap-3">
        {receiver ? null : (
          <label className="max-sm:col-span-2">
            <span className="label">Name, as routes call it</span>
            <input
              name="name"
              className="field"
              required
              maxLength={63}
              pattern="[A-Za-z0-9][A-Za-z0-9_.\-]*"
              placeholder="pager"
            />
          </label>
        )}
        <label className="max-sm:col-span-2">
          <span className="label">Kind</span>
          <select className="field" value={kind} onChange={(event) => setKind(event.target.value)}>
            {Object.values(NOTIFIER_KINDS).map((one) => (
              <option key={one.kind} value={one.kind}>
                {one.title}
              </option>
            ))}
          </select>
        </label>
        <p className="col-span-2 text-ink-2">{about?.about}</p>
        {(about?.fields ?? []).map((field) => (
          <Field
            key={`${kind} ${field.name}`}
            field={field}
            value={same?.settings?.[field.name]}
            isSet={same?.secretsSet.includes(field.name) ?? false}
          />
        ))}
        <Problem error={write.error} className="col-span-2" />
        <div className="col-span-2 flex justify-end gap-2">
          <button type="button" className="control" onClick={close}>
            Cancel
          </button>
          <button type="submit" className={PRIMARY} disabled={write.isPending}>
            {receiver ? "Save" : "Add"}
          </button>
        </div>
      </form>
    </Sheet>
  );
}

/** What is left empty is left out; a secret that is to go is null. */
function valueOfField({ name, kind }: NotifierField, given: FormData): unknown {
  if (given.get(`${name}-remove`) === "on") return null;
  const text = String(given.get(name) ?? "");
  if (text.trim() === "") return undefined;
  if (kind === "number") return Number(text);
  return kind === "list"
    ? text
        .split(/[,\n]/)
        .map((part) => part.trim())
        .filter(Boolean)
    : text;
}

type FieldProps = { readonly field: NotifierField; readonly value: unknown; readonly isSet: boolean };

function Field({ field: { name, label, hint, required, kind, options }, value, isSet }: FieldProps) {
  const text =
    value === undefined || value === null ? "" : Array.isArray(value) ? value.join(", ") : String(value);
  const wide = kind === "url" || kind === "long" || kind === "list";
  const id = `receiver-${name}`;
  const common = { name, id, className: "field", required: required && !isSet };
  return (
    <div className={wide ? "col-span-2" : "max-sm:col-span-2"}>
      <label htmlFor={id}>
        <span className="label">
          {label}
          {required ? "" : " (optional)"}
        </span>
        {options ? (
          <select {...common} defaultValue={text || options[0]}>
            {options.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </select>
        ) : kind === "long" ? (
          <textarea
            {...common}
            rows={3}
            className="field h-auto py-1 font-mono text-[12px]"
            defaultValue={text}
            placeholder={hint}
          />
        ) : (
          <input
            {...common}
            type={kind === "secret" ? "password" : kind === "number" ? "number" : "text"}
            autoComplete={kind === "secret" ? "new-password" : "off"}
            defaultValue={text}
            placeholder={isSet ? "set; leave empty to keep it" : hint}
          />
        )}
      </label>
      {isSet && !required ? (
        <label className="mt-1 inline-flex min-h-[24px] items-center gap-1.5 text-ink-2">
          <input type="checkbox" name={`${name}-remove`} className="size-4 accent-accent" />
          take it away
        </label>
      ) : null}
    </div>
  );
}
