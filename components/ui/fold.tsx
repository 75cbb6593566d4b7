import type { ReactNode } from "react";

type FoldProps = { readonly open?: boolean; readonly head: ReactNode; readonly children: ReactNode };

/** A line that unfolds to what stands behind it. */
export function Fold({ open = false, head, children }: FoldProps) {
  return (
    <details open={open} className="group/fold">
      <summary className="flex min-h-[28px] list-none items-baseline gap-2 py-1 [&::-webkit-details-marker]:hidden">
        <svg
          viewBox="0 0 10 10"
          className="size-2.5 shrink-0 text-ink-3 group-open/fold:rotate-90"
          aria-hidden="true"
        >
          <path d="M3 1l4 4-4 4" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </svg>
        <span className="flex min-w-0 items-baseline gap-x-3">{head}</span>
      </summary>
      <div className="pb-2 pl-4.5">{children}</div>
    </details>
  );
}
