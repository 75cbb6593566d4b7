import type { ReactNode } from "react";

type PanelProps = {
  readonly title: string;
  readonly note?: ReactNode;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
};

/** A titled part of a page: thin rule above, title left, tools right. */
export function Panel({ title, note, tools, children, className = "" }: PanelProps) {
  return (
    <section
      className={`min-w-0 border-t border-rule bg-surface px-4 py-3 sm:rounded-sm sm:border ${className}`}
      aria-label={title}
    >
      <header className="mb-2 flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="font-semibold">{title}</h2>
        {note ? <p className="text-ink-3">{note}</p> : null}
        <div className="ml-auto flex items-center gap-1.5">{tools}</div>
      </header>
      {children}
    </section>
  );
}
