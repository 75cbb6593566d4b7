import { formatProbability } from "@/components/ui/format.ts";
import type { DiagnosisView } from "@/lib/contract/read-incidents.ts";
import { oddsText } from "./words.ts";

type Evidence = DiagnosisView["evidence"];

/** Statements for and against, the strongest first, each with what it does to the odds. */
export function EvidenceList({ evidence }: { evidence: Evidence }) {
  if (evidence.length === 0) return <p className="text-ink-3">Nothing speaks for or against it.</p>;
  const sorted = [...evidence].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  return (
    <ul className="space-y-0.5">
      {sorted.map(({ text, weight }) => (
        <li key={text} className="flex gap-2.5">
          <span
            className={`w-13 shrink-0 text-right ${toneOf(weight)}`}
            title={`${weight < 0 ? "speaks against: divides" : "speaks for: multiplies"} the odds`}
          >
            <span className="sr-only">{weight < 0 ? "Against, odds " : "For, odds "}</span>
            {oddsText(weight)}
          </span>
          <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}

/** What hardly moves the odds is quiet. */
const toneOf = (weight: number): string =>
  Math.abs(weight) < 0.1 ? "text-ink-3" : weight < 0 ? "text-bad" : "text-good";

/** A probability as a figure with its bar. */
export function Probability({ value }: { value: number }) {
  return (
    <span className="inline-flex shrink-0 items-center gap-2">
      <b className="min-w-11 shrink-0 text-right font-medium whitespace-nowrap">{formatProbability(value)}</b>
      <span aria-hidden className="relative h-2 w-16 shrink-0 rounded-[1px] bg-sunken">
        <i className="absolute inset-y-0 left-0 bg-accent" style={{ width: `${value * 100}%` }} />
      </span>
    </span>
  );
}
