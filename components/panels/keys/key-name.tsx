"use client";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { shortKey } from "../../charts/prepare/gantt.ts";

/** A key by the first digits of its hash; leads to the key on this page. */
export function KeyName({ keyName }: { keyName: string }) {
  const search = new URLSearchParams(useSearchParams());
  search.set("key", keyName);
  return (
    <Link
      href={`/keys?${search}#key`}
      title={keyName}
      className="inline-block min-h-[24px] min-w-[24px] font-mono text-[12px] leading-[24px] text-accent hover:underline"
    >
      {shortKey(keyName)}
    </Link>
  );
}
