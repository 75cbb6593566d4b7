"use client";
import { useState } from "react";
import { Time } from "@/components/ui/zone.tsx";

type Props = {
  readonly made: { readonly url: string; readonly expiresMs: number };
  readonly about: string;
  readonly close: () => void;
};

/** A link that was made, shown this once. */
export function MadeLink({ made, about, close }: Props) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(made.url);
    setCopied(true);
  };
  return (
    <div role="status" className="mb-3 space-y-2 rounded-sm border border-accent bg-accent-soft p-3">
      <p>
        <bdi className="font-medium">{about}</bdi>: it works once, until <Time ms={made.expiresMs} />, and is
        not shown again. Give it to them by a way that only they read.
      </p>
      <p className="font-mono text-[12px] break-all" data-testid="made-link">
        {made.url}
      </p>
      <div className="flex gap-1.5">
        <button type="button" className="control" onClick={() => void copy()}>
          {copied ? "Copied" : "Copy"}
        </button>
        <button type="button" className="control" onClick={close}>
          Done
        </button>
      </div>
    </div>
  );
}
