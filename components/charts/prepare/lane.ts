/** A change as a lane under a chart shows it. */
export type LaneChange = {
  readonly id: string;
  readonly atMs: number;
  readonly title: string;
  readonly kind: string;
};
/** One mark of the lane: where it stands, as a share of the axis, and the changes that it stands for. */
export type LaneMark = { readonly share: number; readonly changes: readonly [LaneChange, ...LaneChange[]] };

/** Changes within the window, earliest first; those closer than `apart` of the axis, too close to be hit, share a mark. */
export function laneMarks(
  changes: readonly LaneChange[],
  { fromMs, toMs, apart }: { readonly fromMs: number; readonly toMs: number; readonly apart: number },
): LaneMark[] {
  const marks: LaneMark[] = [];
  const shown = changes.filter((c) => c.atMs >= fromMs && c.atMs < toMs).sort((a, b) => a.atMs - b.atMs);
  for (const change of shown) {
    const share = (change.atMs - fromMs) / (toMs - fromMs);
    const last = marks.at(-1);
    if (last && share - last.share < apart)
      marks[marks.length - 1] = { share: last.share, changes: [...last.changes, change] };
    else marks.push({ share, changes: [change] });
  }
  return marks;
}
