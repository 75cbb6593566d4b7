/** How a check went, as a sign and a word; never by colour alone. */
const LOOKS = {
  good: { sign: "✓", tone: "text-good" },
  bad: { sign: "✗", tone: "text-bad" },
  warn: { sign: "!", tone: "text-warn" },
  unknown: { sign: "?", tone: "text-ink-3" },
} as const;
export type Tone = keyof typeof LOOKS;

export function Verdict({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={`whitespace-nowrap ${LOOKS[tone].tone}`}>
      <b aria-hidden className="mr-1 inline-block w-3 text-center font-semibold">
        {LOOKS[tone].sign}
      </b>
      {children}
    </span>
  );
}
