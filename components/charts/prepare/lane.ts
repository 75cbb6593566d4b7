/** A change as a lane under a chart shows it. */
export type LaneChange = {
  readonly id: string;
  readonly atMs: number;
  readonly title: string;
  readonly kind: string;
};
/** One mark of the lane: where it stands, as a share of the axis, and the changes that it stands for. */
export type LaneMark = { readonly share: number; readonly changes: readonly [LaneChange, ...LaneChange[]] };

/** Marks closer than this share of the axis would lie on each other. */
const APART = 0.015;

/** Changes within the window, earliest first; those too close to tell apart share a mark. */
export function laneMarks(
  changes: readonly LaneChange[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): LaneMark[] {
  const marks: LaneMark[] = [];
  const shown = changes.filter((c) => c.atMs >= fromMs && c.atMs < toMs).sort((a, b) => a.atMs - b.atMs);
  for (const change of shown) {
    const share = (change.atMs - fromMs) / (toMs - fromMs);
    const last = marks.at(-1);
    if (last && share - last.share < APART)
      marks[marks.length - 1] = { share: last.share, changes: [...last.changes, change] };
    else marks.push({ share, changes: [change] });
  }
  return marks;
}
