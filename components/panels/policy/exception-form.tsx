"use client";
import type { FormEvent } from "react";
import { Fold } from "@/components/ui/fold.tsx";
import type { PolicyReply, RuleView } from "@/lib/contract/read-policy.ts";
import { NameField } from "../name-field.tsx";
import { useActor } from "../use-actor.ts";
import { usePolicyWrite } from "./use-policy-write.ts";

const DAY_MS = 86_400_000;
const TERMS = {
  "7": "7 days",
  "30": "30 days",
  "90": "90 days",
  "180": "180 days",
  "365": "365 days",
} as const;

type Props = { readonly rule: RuleView; readonly at: string | null; readonly policy: PolicyReply };

/** Lets the rule fail for a while, with a reason. */
export function ExceptionForm({ rule, at, policy }: Props) {
  const actor = useActor();
  const write = usePolicyWrite();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const expiresMs = Date.now() + Number(given.get("days")) * DAY_MS;
    const [endpoint, reason] = [String(given.get("endpoint")) || null, String(given.get("reason"))];
    write.mutate(
      {
        path: "exceptions",
        method: "POST",
        body: { rule: rule.id, endpoint, reason, expiresMs, actor: actor || null },
      },
      { onSuccess: () => form.reset() },
    );
  };
  return (
    <Fold head={<span className="label">Make an exception</span>}>
      <form onSubmit={submit} aria-label="Exception" className="grid grid-cols-2 gap-2">
        <label className="col-span-2">
          <span className="label">Reason</span>
          <textarea
            name="reason"
            rows={2}
            className="field h-auto py-1"
            required
            minLength={3}
            maxLength={2_000}
          />
        </label>
        <label className="max-sm:col-span-2">
          <span className="label">Where</span>
          <select name="endpoint" className="field" defaultValue={at ?? ""}>
            <option value="">Every endpoint</option>
            {policy.endpoints.map(({ endpoint }) => (
              <option key={endpoint} value={endpoint}>
                {endpoint}
              </option>
            ))}
          </select>
        </label>
        <label className="max-sm:col-span-2">
          <span className="label">For</span>
          <select name="days" className="field" defaultValue="30">
            {Object.entries(TERMS).map(([days, text]) => (
              <option key={days} value={days}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <NameField className="max-sm:col-span-2" />
        <div className="flex items-end justify-end max-sm:col-span-2">
          <button type="submit" className="control h-8" disabled={write.isPending}>
            Except it
          </button>
        </div>
        {write.error ? (
          <p role="alert" className="col-span-2 text-bad">
            {write.error.message}
          </p>
        ) : null}
      </form>
    </Fold>
  );
}
