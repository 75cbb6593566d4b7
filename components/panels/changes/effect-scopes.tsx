import { formatCompact, formatPercent, formatPoints, nameOf } from "@/components/ui/format.ts";
import { Panel } from "@/components/ui/panel.tsx";
import { EmptyState } from "@/components/ui/states.tsx";
import type {
  ChangeEffectReply,
  MeasuredShare,
  RateEffect,
  ScopeEffect,
} from "@/lib/contract/read-effect.ts";
import { RateCell } from "../rate-cell.tsx";

/** Rows shown at once; what stands comes first. */
const SHOWN = 20;

/** The effect on every value of every dimension; what stands after allowing for their number is set off. */
export function EffectScopes({ effect: { scopes, note } }: { effect: ChangeEffectReply }) {
  const shown = scopes.slice(0, SHOWN);
  return (
    <Panel title="Effect by scope" note={scopes.length > SHOWN ? `${SHOWN} of ${scopes.length}` : undefined}>
      {shown.length === 0 ? (
        <EmptyState title="No dimension has two values with handshakes on both sides." />
      ) : (
        <>
          <section className="overflow-x-auto" tabIndex={0} aria-label="Effect by scope">
            <table className="w-full text-right">
              <thead className="text-ink-3">
                <tr>
                  <th className="py-1 pr-3 text-left font-normal">Value</th>
                  <th className="px-3 font-normal">Before</th>
                  <th className="px-3 font-normal">After</th>
                  <th className="px-3 font-normal">Moved</th>
                  <th className="pl-3 text-left font-normal">Stands</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((row) => (
                  <Row key={`${row.dimension} ${row.value}`} row={row} />
                ))}
              </tbody>
            </table>
          </section>
          <p className="mt-2 text-ink-3">{note}</p>
        </>
      )}
    </Panel>
  );
}

function Row({ row }: { row: ScopeEffect }) {
  return (
    <tr className={`border-t border-rule ${row.stands ? "" : "text-ink-2"}`}>
      <td className="max-w-48 py-0.5 pr-3 text-left">
        <span className={`block truncate ${row.stands ? "font-medium" : ""}`}>{nameOf(row.value)}</span>
        <span className="block text-[0.85rem] text-ink-3">
          {row.dimension === "family" ? "client family" : row.dimension}
        </span>
      </td>
      <td className="px-3">
        <Measured share={row.before} />
      </td>
      <td className="px-3">
        <Measured share={row.after} />
      </td>
      <td className="px-3 whitespace-nowrap">
        <Moved difference={row.difference} />
      </td>
      <td className="pl-3 text-left">{row.stands ? "yes" : <span className="text-ink-3">no</span>}</td>
    </tr>
  );
}

function Measured({ share }: { share: MeasuredShare }) {
  return (
    <>
      <RateCell value={share?.value ?? null} low={share?.low ?? null} high={share?.high ?? null} />
      <span className="block text-[0.85rem] text-ink-3">{share ? `of ${formatCompact(share.n)}` : ""}</span>
    </>
  );
}

function Moved({ difference }: { difference: RateEffect["difference"] }) {
  if (!difference) return "–";
  return (
    <>
      {formatPoints(difference.value)}
      <span className="block text-[0.85rem] text-ink-3">
        {formatPoints(difference.low)} to {formatPoints(difference.high)}
      </span>
    </>
  );
}

/** R, O and A on both sides. */
export function RatesTable({ effect }: { effect: ChangeEffectReply }) {
  return (
    <table className="text-right">
      <thead className="text-ink-3">
        <tr>
          <th className="pr-6 text-left font-normal" />
          <th className="pr-6 font-normal">Before</th>
          <th className="pr-6 font-normal">After</th>
          <th className="font-normal">Difference (95 %)</th>
        </tr>
      </thead>
      <tbody>
        <RateRow
          label="Resume rate R"
          before={effect.resumeRateBefore}
          after={effect.resumeRateAfter}
          difference={effect.difference}
        />
        <RateRow label="Offer rate O" {...sidesOf(effect.offer)} />
        <RateRow label="Accept rate A" {...sidesOf(effect.accept)} />
      </tbody>
    </table>
  );
}

const sidesOf = (rate: RateEffect | null) => ({
  before: rate?.before?.value ?? null,
  after: rate?.after?.value ?? null,
  difference: rate?.difference ?? null,
});

type RateRowProps = {
  readonly label: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly difference: RateEffect["difference"];
};

function RateRow({ label, before, after, difference }: RateRowProps) {
  return (
    <tr className="border-t border-rule align-top">
      <td className="py-1 pr-6 text-left">{label}</td>
      <td className="py-1 pr-6">{formatPercent(before)}</td>
      <td className="py-1 pr-6">{formatPercent(after)}</td>
      <td className="py-1">
        <Moved difference={difference} />
      </td>
    </tr>
  );
}
