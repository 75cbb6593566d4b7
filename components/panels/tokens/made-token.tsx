"use client";
import { useState } from "react";
import type { MadeTokenReply } from "@/lib/contract/read-tokens.ts";

type Props = { readonly made: MadeTokenReply; readonly close: () => void };

/** A token that was made, shown this once. */
export function MadeToken({ made, close }: Props) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(made.token);
    setCopied(true);
  };
  return (
    <div role="status" className="mb-3 space-y-2 rounded-sm border border-accent bg-accent-soft p-3">
      <p>
        The token {made.id}. It is shown this once and kept nowhere. Senders and scripts show it as{" "}
        <code className="font-mono text-[12px]">Authorization: Bearer …</code>
      </p>
      <p className="font-mono text-[12px] break-all" data-testid="made-token">
        {made.token}
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
