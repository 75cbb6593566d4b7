"use client";
import { Fold } from "@/components/ui/fold.tsx";
import { ALERT_SPLITS } from "@/lib/domain/alert-rule.ts";
import {
  CONDITION_KINDS,
  conditionFields,
  type Draft,
  type FieldSpec,
  HEAD_FIELDS,
  SCOPE_FIELDS,
  TIME_FIELDS,
  unitWord,
} from "./rule-draft.ts";

type Props = {
  readonly draft: Draft;
  readonly problems: Readonly<Record<string, string>>;
  /** Of a rule that is there, the id stays. */
  readonly isNew: boolean;
  readonly set: (name: string, text: string) => void;
};

/** Everything of a rule, in the order in which people think of it. */
export function RuleFields({ draft, problems, isNew, set }: Props) {
  const kind = draft["condition.kind"] ?? "threshold";
  const show = (spec: FieldSpec) => (
    <Field
      key={spec.name}
      spec={spec}
      text={draft[spec.name] ?? ""}
      unit={spec.kind === "value" ? unitWord(draft["condition.metric"]) : ""}
      problem={problems[spec.name]}
      set={(text) => set(spec.name, text)}
    />
  );
  return (
    <div className="space-y-3">
      <div className="grid grid-cols-2 gap-x-3 gap-y-2">
        {HEAD_FIELDS.filter(({ name }) => isNew || name !== "id").map(show)}
      </div>
      <fieldset className="grid grid-cols-2 gap-x-3 gap-y-2 border-t border-rule pt-2">
        <legend className="sr-only">Condition</legend>
        <label className="col-span-2">
          <span className="label">Fires when</span>
          <select
            className="field"
            value={kind}
            onChange={(event) => set("condition.kind", event.target.value)}
          >
            {Object.entries(CONDITION_KINDS).map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
        </label>
        {conditionFields(kind, draft["condition.metric"]).map(show)}
        <Splits by={draft.by ?? ""} problem={problems.by} set={(text) => set("by", text)} />
      </fieldset>
      <div className="grid grid-cols-2 gap-x-3 gap-y-2 border-t border-rule pt-2">
        {TIME_FIELDS.map(show)}
      </div>
      <Fold
        head={<span className="label">Where: the whole fleet unless something is named</span>}
        open={SCOPE_FIELDS.some(({ name }) => draft[name])}
      >
        <div className="grid grid-cols-2 gap-x-3 gap-y-2">{SCOPE_FIELDS.map(show)}</div>
      </Fold>
    </div>
  );
}

function Splits({
  by,
  problem,
  set,
}: {
  by: string;
  problem: string | undefined;
  set: (text: string) => void;
}) {
  const chosen = by.split(",").map((name) => name.trim());
  const toggle = (name: string, on: boolean): void =>
    set(ALERT_SPLITS.filter((one) => (one === name ? on : chosen.includes(one))).join(", "));
  return (
    <fieldset className="col-span-2 flex flex-wrap gap-x-4">
      <legend className="label">One alert for each</legend>
      {ALERT_SPLITS.map((name) => (
        <label key={name} className="inline-flex min-h-[26px] items-center gap-1.5">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={chosen.includes(name)}
            onChange={(event) => toggle(name, event.target.checked)}
          />
          {name}
        </label>
      ))}
      {problem ? <span className="text-bad">{problem}</span> : null}
    </fieldset>
  );
}

type FieldProps = {
  readonly spec: FieldSpec;
  readonly text: string;
  readonly unit: string;
  readonly problem: string | undefined;
  readonly set: (text: string) => void;
};

function Field({ spec: { name, label, kind, options, hint }, text, unit, problem, set }: FieldProps) {
  const id = `rule-${name.replaceAll(".", "-")}`;
  const common = {
    ...{ id, className: "field", "aria-invalid": problem !== undefined },
    ...(problem ? { "aria-describedby": `${id}-problem` } : {}),
  };
  return (
    <div className={kind === "long" ? "col-span-2" : "max-sm:col-span-2"}>
      <label className="label block" htmlFor={id}>
        {label}
        {unit ? `, ${unit}` : ""}
      </label>
      {options ? (
        <select {...common} value={text} onChange={(event) => set(event.target.value)}>
          {Object.entries(options).map(([option, words]) => (
            <option key={option} value={option}>
              {words}
            </option>
          ))}
        </select>
      ) : kind === "long" ? (
        <textarea
          {...common}
          rows={2}
          className="field h-auto py-1"
          value={text}
          maxLength={2_000}
          onChange={(event) => set(event.target.value)}
        />
      ) : (
        <input
          {...common}
          value={text}
          placeholder={hint}
          maxLength={kind === "names" ? 20_000 : 500}
          onChange={(event) => set(event.target.value)}
        />
      )}
      {problem ? (
        <p id={`${id}-problem`} className="text-bad">
          {problem}
        </p>
      ) : null}
    </div>
  );
}
