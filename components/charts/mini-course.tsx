type CoursePoint = { readonly t: number; readonly value: number | null };

const WIDTH = 160;
const HEIGHT = 28;

type MiniCourseProps = {
  readonly points: readonly CoursePoint[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly onsetMs: number;
  /** The level before the onset; null where it is not known. */
  readonly before: number | null;
  /** Upper end of the scale, the same for all that stand together. */
  readonly top: number;
};

/** One of small multiples: a rate on a shared scale, its level before, and the onset. The figures beside it say what it shows. */
export function MiniCourse({ points, fromMs, toMs, onsetMs, before, top }: MiniCourseProps) {
  const x = (t: number): number => ((t - fromMs) / Math.max(1, toMs - fromMs)) * WIDTH;
  const y = (value: number): number => HEIGHT - 2 - (Math.min(value, top) / top) * (HEIGHT - 4);
  let path = "";
  let open = false;
  for (const { t, value } of points) {
    if (value !== null)
      path += `${open ? "L" : "M"}${x(t).toFixed(1)} ${y(value).toFixed(1)}${open ? "" : "h0.01"}`;
    open = value !== null;
  }
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-7 w-full"
      aria-hidden="true"
    >
      <path d={`M0 ${HEIGHT - 1.5}H${WIDTH}`} stroke="var(--rule)" vectorEffect="non-scaling-stroke" />
      {before === null ? null : (
        <path
          d={`M0 ${y(before)}H${WIDTH}`}
          stroke="var(--ink-3)"
          strokeDasharray="3 3"
          vectorEffect="non-scaling-stroke"
        />
      )}
      <path d={`M${x(onsetMs)} 0V${HEIGHT}`} stroke="var(--ink)" vectorEffect="non-scaling-stroke" />
      <path
        d={path}
        fill="none"
        stroke="var(--resumed)"
        strokeWidth="1.5"
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
