"use client";
import { type FormEvent, useState } from "react";
import { Time } from "@/components/ui/zone.tsx";
import type { LimitView, RuleView } from "@/lib/contract/read-policy.ts";
import { useActor } from "../use-actor.ts";
import { usePolicyWrite } from "./use-policy-write.ts";
import { lengthText, parseLength } from "./words.ts";

const textOf = (value: number, unit: LimitView["unit"]): string =>
  unit === "s"
    ? lengthText(value)
    : unit === "ratio"
      ? String(Number((value * 100).toFixed(4)))
      : String(value);

/** The number that was entered; null where it is none. */
function numberOf(text: string, unit: LimitView["unit"]): number | null {
  if (unit === "s") return parseLength(text);
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? (unit === "ratio" ? value / 100 : value) : null;
}

const UNITS: Readonly<Record<LimitView["unit"], string>> = { s: "", bits: "bits", count: "", ratio: "%" };

/** A rule's limits, to be changed for every endpoint, or set back. */
export function LimitsForm({ rule }: { rule: RuleView }) {
  const actor = useActor();
  const write = usePolicyWrite();
  const [problem, setProblem] = useState<string | null>(null);
  const save = (threshold: Record<string, number> | null): void => {
    setProblem(null);
    write.mutate({
      path: "thresholds",
      method: "PUT",
      body: { rule: rule.id, threshold, actor: actor || null },
    });
  };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const threshold: Record<string, number> = {};
    for (const { name, unit, label } of rule.limits) {
      const value = numberOf(String(given.get(name)), unit);
      if (value === null) {
        setProblem(`${label}: ${unit === "s" ? "a length such as 12 h or 7 d" : "a number"}, please`);
        return;
      }
      threshold[name] = value;
    }
    save(threshold);
  };
  const told = problem ?? write.error?.message;
  return (
    <form key={rule.changed?.updatedMs ?? 0} onSubmit={submit} aria-label="Limits" className="space-y-1.5">
      <h3 className="label">
        Limits, for every endpoint
        {rule.changed ? (
          <>
            ; changed <Time ms={rule.changed.updatedMs} />
            {rule.changed.actor ? ` by ${rule.changed.actor}` : ""}
          </>
        ) : (
          "; the default ones"
        )}
      </h3>
      <div className="flex flex-wrap items-end gap-2">
        {rule.limits.map(({ name, label, unit, value, fallback, min, max }) => (
          <label key={name} className="w-52">
            <span className="label">
              {label}
              {UNITS[unit] ? `, ${UNITS[unit]}` : ""}
            </span>
            <input
              name={name}
              className="field"
              defaultValue={textOf(value, unit)}
              title={`From ${textOf(min, unit)} to ${textOf(max, unit)}; ${textOf(fallback, unit)} by default`}
            />
          </label>
        ))}
        <button type="submit" className="control h-8" disabled={write.isPending}>
          Save limits
        </button>
        {rule.changed ? (
          <button type="button" className="control h-8" disabled={write.isPending} onClick={() => save(null)}>
            Back to default
          </button>
        ) : null}
      </div>
      {told ? (
        <p role="alert" className="text-bad">
          {told}
        </p>
      ) : null}
    </form>
  );
}
