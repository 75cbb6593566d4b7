import { type SplitPart, splitBars } from "@/components/charts/prepare/incident.ts";
import { SplitBarChart } from "@/components/charts/split-bar.tsx";
import { formatCompact, formatPercent, formatPoints } from "@/components/ui/format.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState } from "@/components/ui/states.tsx";
import type { Decomposition } from "@/lib/contract/read-incidents.ts";

/** The parts of a change, or null where one of them is not known. */
function partsOf(
  parts: readonly (Omit<SplitPart, "value"> & { value: number | null })[],
): SplitPart[] | null {
  const known = parts.flatMap((part) => (part.value === null ? [] : [{ ...part, value: part.value }]));
  return known.length === parts.length ? known : null;
}

/** Rate or mix, O or A: what the change of the resume rate is made of. */
export function SplitPanel({ decomposition }: { decomposition: Decomposition | null }) {
  return (
    <Panel title="What the drop is made of" note="R = O × A, in points of the resume rate">
      {decomposition ? (
        <Split decomposition={decomposition} />
      ) : (
        <EmptyState title="Too few handshakes on both sides of the onset to take the drop apart." />
      )}
    </Panel>
  );
}

function Split({ decomposition }: { decomposition: Decomposition }) {
  const { byOffers, byAcceptance, mix, rate } = decomposition;
  const server = partsOf([
    { label: "offers (O)", value: byOffers, colour: "var(--full)" },
    { label: "acceptance (A)", value: byAcceptance, colour: "var(--good)" },
  ]);
  const traffic = partsOf([
    { label: "who came (mix)", value: mix, colour: "var(--ink-3)" },
    { label: "what happened to them (rate)", value: rate, colour: "var(--ink)" },
  ]);
  const bars = splitBars([...(server ? [server] : []), ...(traffic ? [traffic] : [])]);
  const trafficBar = bars.at(server ? 1 : 0);
  return (
    <div className="grid gap-x-8 gap-y-4 xl:grid-cols-2">
      <SidesTable decomposition={decomposition} />
      <div className="space-y-4">
        <Bar
          title="Offers or acceptance"
          parts={server}
          bar={bars[0]}
          missing="Offers cannot be seen here, so O and A are not known."
        />
        <Bar
          title="Mix or rate"
          parts={traffic}
          bar={trafficBar}
          missing="Too few handshakes to tell mix from rate."
        />
      </div>
    </div>
  );
}

type BarProps = {
  readonly title: string;
  readonly parts: readonly SplitPart[] | null;
  readonly bar: ReturnType<typeof splitBars>[number] | undefined;
  readonly missing: string;
};

function Bar({ title, parts, bar, missing }: BarProps) {
  return (
    <div>
      <p className="mb-1 text-ink-2">{title}</p>
      {parts && bar ? (
        <>
          <SplitBarChart bar={bar} label={title} />
          <ul className="mt-1 flex flex-wrap gap-x-5">
            {parts.map((part) => (
              <li key={part.label} className="flex items-center gap-1.5">
                <i aria-hidden className="size-2.5 rounded-[2px]" style={{ background: part.colour }} />
                <span className="text-ink-2">{part.label}</span>
                <b className="font-medium">{formatPoints(part.value)}</b>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p>{missing}</p>
      )}
    </div>
  );
}

const RATES = [
  { key: "r", label: "Resume rate R" },
  { key: "o", label: "Offer rate O" },
  { key: "a", label: "Accept rate A" },
] as const;
type Share = Decomposition["before"]["r"];

function SidesTable({ decomposition: { before, after } }: { decomposition: Decomposition }) {
  return (
    <section className="overflow-x-auto" tabIndex={0} aria-label="R, O and A before and since">
      <table className="w-full text-right">
        <thead className="text-ink-3">
          <tr>
            <th className="py-1 text-left font-normal" />
            <th className="px-3 font-normal">Before</th>
            <th className="px-3 font-normal">Since</th>
            <th className="pl-3 font-normal">Moved</th>
          </tr>
        </thead>
        <tbody>
          {RATES.map(({ key, label }) => (
            <tr key={key} className="border-t border-rule align-top">
              <td className="py-1 text-left">{label}</td>
              <td className="px-3 py-1">
                <Measured share={before[key]} />
              </td>
              <td className="px-3 py-1">
                <Measured share={after[key]} />
              </td>
              <td className="py-1 pl-3 whitespace-nowrap">
                {formatPoints(movement(before[key], after[key]))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const movement = (before: Share, after: Share): number | null =>
  before && after ? after.value - before.value : null;

/** A rate, its interval and the count behind it. */
function Measured({ share }: { share: Share }) {
  if (!share) return <span className="text-ink-3">not seen</span>;
  return (
    <>
      {formatPercent(share.value)}
      <span className="block text-[0.85rem] text-ink-3">
        <span className="whitespace-nowrap">
          {formatPercent(share.low)}–{formatPercent(share.high)}
        </span>{" "}
        <span className="whitespace-nowrap">of {formatCompact(share.n)}</span>
      </span>
    </>
  );
}
