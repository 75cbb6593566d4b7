type Minute = { readonly minuteMs: number; readonly accepted: number; readonly rejected: number };

const HEIGHT = 24;
const BAR = 2;

/** Heights grow with the logarithm, so that a quiet hour and a burst both show. */
const heightOf = (count: number, most: number): number =>
  count === 0 ? 0 : Math.max(2, (Math.log1p(count) / Math.log1p(most)) * (HEIGHT - 2));

/** What a sender brought in each of the last minutes; a minute without anything stays empty. Refused lines are drawn on top. */
export function ActivityStrip({ minutes, label }: { minutes: readonly Minute[]; label: string }) {
  const most = Math.max(1, ...minutes.map((m) => m.accepted + m.rejected));
  const width = minutes.length * BAR;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-6 w-30"
      shapeRendering="crispEdges"
    >
      <rect x="0" y={HEIGHT - 1} width={width} height="1" fill="var(--rule)" />
      {minutes.map(({ minuteMs, accepted, rejected }, index) => {
        const all = heightOf(accepted + rejected, most);
        const bad = rejected === 0 ? 0 : Math.max(2, (all * rejected) / (accepted + rejected));
        return (
          <g key={minuteMs}>
            <rect x={index * BAR} y={HEIGHT - all} width={BAR - 0.5} height={all} fill="var(--resumed)" />
            <rect x={index * BAR} y={HEIGHT - all} width={BAR - 0.5} height={bad} fill="var(--bad)" />
          </g>
        );
      })}
    </svg>
  );
}
