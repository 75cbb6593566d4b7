import Link from "next/link";
import type { ChangeView } from "@/lib/contract/read.ts";
import { Time } from "../ui/zone.tsx";

/** The scope of a change in words; "all" where a part is not narrowed. */
export function scopeOf(change: ChangeView): string {
  const parts = [change.endpoint, change.node, change.region].filter((part) => part !== null);
  return parts.length ? parts.join(" · ") : "whole fleet";
}

/** Changes as a table, newest first. */
export function ChangesTable({ changes }: { changes: readonly ChangeView[] }) {
  return (
    <section className="overflow-x-auto" tabIndex={0} aria-label="List of changes">
      <table className="w-full text-left">
        <thead className="text-ink-3">
          <tr>
            <th className="py-1 pr-4 font-normal">When</th>
            <th className="pr-4 font-normal">Kind</th>
            <th className="pr-4 font-normal">What</th>
            <th className="pr-4 font-normal">Scope</th>
            <th className="pr-4 font-normal max-sm:hidden">By</th>
            <th className="font-normal max-sm:hidden">Told by</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <tr key={change.id} className="border-t border-rule hover:bg-sunken/60">
              <td className="py-1 pr-4 whitespace-nowrap">
                <Time ms={change.atMs} />
              </td>
              <td className="pr-4 whitespace-nowrap text-ink-2">{change.kind.replaceAll("_", " ")}</td>
              <td className="min-w-40 pr-4">
                <Link
                  href={`/changes/${encodeURIComponent(change.id)}`}
                  className="text-accent hover:underline"
                >
                  {change.title}
                </Link>
              </td>
              <td className="pr-4">{scopeOf(change)}</td>
              <td className="pr-4 max-sm:hidden">{change.actor ?? "–"}</td>
              <td className="text-ink-2 max-sm:hidden">{change.via}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
