type SparkPoint = { readonly t: number; readonly value: number | null };

const WIDTH = 120;
const HEIGHT = 24;

/** A small line without axes; gaps stay gaps. Decoration: the figure beside it says what it shows. */
export function Sparkline({ points, colour }: { points: readonly SparkPoint[]; colour: string }) {
  const values = points.flatMap((p) => (p.value === null ? [] : [p.value]));
  const low = Math.min(...values);
  const high = Math.max(...values);
  const x = (index: number): number => (index / Math.max(1, points.length - 1)) * WIDTH;
  const y = (value: number): number =>
    high === low ? HEIGHT / 2 : HEIGHT - 2 - ((value - low) / (high - low)) * (HEIGHT - 4);
  let path = "";
  let open = false;
  points.forEach((point, index) => {
    if (point.value === null) {
      open = false;
      return;
    }
    path += `${open ? "L" : "M"}${x(index).toFixed(1)} ${y(point.value).toFixed(1)}${open ? "" : "h0.01"}`;
    open = true;
  });
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-6 w-full"
      aria-hidden="true"
    >
      <path
        d={path}
        fill="none"
        stroke={colour}
        strokeWidth="1.5"
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
