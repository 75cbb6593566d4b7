import type { ReactNode } from "react";

/** What failed, in a sentence, and a way to try again. */
export function ErrorState({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 py-6">
      <p className="text-bad">{error.message}</p>
      <button type="button" className="control" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

/** Nothing here yet, and what would fill it. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-start gap-1 py-6">
      <p className="font-medium">{title}</p>
      {children ? <div className="text-ink-2">{children}</div> : null}
    </div>
  );
}

/** A page that is not for everybody, and for whom it is. */
export function NotAllowed({ what, need }: { what: string; need: string }) {
  return (
    <EmptyState title={`${what} is not shown to you`}>
      It needs the role {need} in this tenant. An administrator can give it to you.
    </EmptyState>
  );
}

/** Keeps the place of something that is still coming. */
export function Placeholder({ height }: { height: number }) {
  return <div aria-hidden style={{ height }} className="rounded-sm bg-sunken" />;
}
