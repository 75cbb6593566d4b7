import type { ReactNode } from "react";
import { Time } from "../../../ui/zone.tsx";

export type StepState = "done" | "open" | "bad" | "unknown";
const LOOKS: Readonly<
  Record<StepState, { readonly sign: string; readonly word: string; readonly look: string }>
> = {
  done: { sign: "✓", word: "done", look: "border-good bg-good/15 text-good" },
  open: { sign: "", word: "open", look: "border-rule-strong text-ink-2" },
  bad: { sign: "✗", word: "not so", look: "border-bad bg-bad/15 text-bad" },
  unknown: { sign: "?", word: "not known", look: "border-rule-strong text-ink-3" },
};

type StepProps = {
  readonly number: number;
  readonly title: string;
  readonly state: StepState;
  /** When it was recorded. */
  readonly atMs?: number | null;
  readonly action?: ReactNode;
  readonly children: ReactNode;
};

/** One step of the checklist: what to do, whether it is proved, and what shows it. */
export function Step({ number, title, state, atMs = null, action, children }: StepProps) {
  const { sign, word, look } = LOOKS[state];
  return (
    <li
      className="border-t border-rule bg-surface px-4 py-3 first:border-t-0"
      data-step={number}
      data-state={state}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className={`grid size-6 shrink-0 place-items-center rounded-full border font-semibold ${look}`}>
          <span aria-hidden>{sign || number}</span>
          <span className="sr-only">{word}</span>
        </span>
        <h2 className="font-semibold">
          {number}. {title}
        </h2>
        {atMs === null ? null : (
          <span className="text-ink-3">
            recorded <Time ms={atMs} />
          </span>
        )}
        <div className="ml-auto">{action}</div>
      </div>
      <div className="mt-1 sm:pl-9">{children}</div>
    </li>
  );
}
