"use client";
import { useState } from "react";

/** A text to paste, with a button that copies it. */
export function Snippet({ title, text }: { title: string; text: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <figure>
      <figcaption className="mb-1 flex items-center justify-between gap-2">
        {title}
        <button
          type="button"
          className="control"
          onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
          aria-label={`Copy: ${title}`}
        >
          {copied ? "Copied" : "Copy"}
        </button>
      </figcaption>
      <pre
        tabIndex={0}
        className="overflow-x-auto rounded-sm bg-sunken p-3 font-mono text-[0.92rem] leading-relaxed"
      >
        {text}
      </pre>
    </figure>
  );
}
