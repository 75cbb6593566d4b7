"use client";
import { type FormEvent, useState } from "react";
import { PRIMARY, Problem, Sheet } from "@/components/ui/sheet.tsx";
import type { AlertView } from "@/lib/contract/read-alerts.ts";
import type { Matcher } from "@/lib/domain/alert-routing.ts";
import { NameField } from "../name-field.tsx";
import { useActor } from "../use-actor.ts";
import { useAlertWrite } from "./use-alert-write.ts";
import { matchersInUrl, matchersOfUrl, matcherText } from "./words.ts";

const HOUR_MS = 3_600_000;
const TERMS = {
  "1": "1 hour",
  "4": "4 hours",
  "12": "12 hours",
  "24": "1 day",
  "72": "3 days",
  "168": "1 week",
};
const LABELS = [
  "endpoint",
  "node",
  "region",
  "family",
  "protocol",
  "rule",
  "severity",
  "incident",
  "mode",
  "signal",
];

type Props = {
  readonly match: string;
  readonly alerts: readonly AlertView[];
  readonly close: () => void;
};

/** Makes a silence, prefilled from where it was asked for. */
export function SilenceSheet({ match, alerts, close }: Props) {
  const [text, setText] = useState(matchersInUrl(matchersOfUrl(match)).replaceAll(";", "\n"));
  const actor = useActor();
  const write = useAlertWrite();
  const matchers = matchersOfUrl(text);
  const lines = text.split("\n").filter((line) => line.trim() !== "").length;
  const values = suggestions(alerts);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const starts = String(given.get("starts"));
    const startsMs = starts === "" ? undefined : new Date(starts).getTime();
    const endsMs = (startsMs ?? Date.now()) + Number(given.get("hours")) * HOUR_MS;
    write.mutate(
      {
        ...{ path: "silences", method: "POST" },
        body: {
          matchers,
          startsMs,
          endsMs,
          author: actor.trim() || null,
          reason: String(given.get("reason")),
        },
      },
      { onSuccess: close },
    );
  };
  return (
    <Sheet title="New silence" close={close}>
      <form onSubmit={submit} aria-label="Silence" className="grid grid-cols-2 gap-3">
        <label className="col-span-2">
          <span className="label">
            Keeps quiet what has all of these labels, one a line: endpoint=shop.example, node~edge-*,
            severity!=page
          </span>
          <textarea
            rows={4}
            required
            spellCheck={false}
            className="field h-auto py-1 font-mono text-[12px]"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        {values.length > 0 ? (
          <div className="col-span-2 flex flex-wrap items-center gap-1">
            <span className="label">Of what fires now:</span>
            {values.map((matcher) => (
              <button
                key={matcherText(matcher)}
                type="button"
                className="control max-w-60"
                onClick={() => setText(`${text.trim()}\n${matchersInUrl([matcher])}`.trim())}
              >
                <span className="truncate">{matcherText(matcher)}</span>
              </button>
            ))}
          </div>
        ) : null}
        {lines !== matchers.length ? (
          <p className="col-span-2 text-bad">A line is no label, sign (=, !=, ~, !~) and value.</p>
        ) : null}
        <label className="col-span-2">
          <span className="label">Reason</span>
          <input name="reason" className="field" required minLength={3} maxLength={500} />
        </label>
        <label className="max-sm:col-span-2">
          <span className="label">From (empty: now)</span>
          <input name="starts" type="datetime-local" className="field" />
        </label>
        <label className="max-sm:col-span-2">
          <span className="label">For</span>
          <select name="hours" className="field" defaultValue="4">
            {Object.entries(TERMS).map(([hours, words]) => (
              <option key={hours} value={hours}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <NameField className="max-sm:col-span-2" />
        <Problem error={write.error} className="col-span-2" />
        <div className="col-span-2 flex justify-end gap-2">
          <button type="button" className="control" onClick={close}>
            Cancel
          </button>
          <button
            type="submit"
            className={PRIMARY}
            disabled={write.isPending || matchers.length === 0 || lines !== matchers.length}
          >
            Silence
          </button>
        </div>
      </form>
    </Sheet>
  );
}

const MOST_SUGGESTED = 12;

/** Labels of what fires now. */
function suggestions(alerts: readonly AlertView[]): Matcher[] {
  const seen = new Map<string, Matcher>();
  for (const { routed, firedMs } of alerts) {
    if (firedMs === null) continue;
    for (const label of LABELS) {
      const value = routed[label];
      const matcher: Matcher | null = value === undefined ? null : { label, operator: "is", value };
      if (matcher) seen.set(matcherText(matcher), matcher);
    }
  }
  return [...seen.values()].slice(0, MOST_SUGGESTED);
}
