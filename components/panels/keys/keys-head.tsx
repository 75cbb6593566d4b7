"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import { KEY_RANGES } from "@/lib/client/keys-view.ts";
import { nameOf } from "../../ui/format.ts";
import { Time } from "../../ui/zone.tsx";
import { useRequest } from "../use-request.ts";

const PAGES = [
  { href: "/keys", label: "Keys & tickets" },
  { href: "/keys/lab", label: "Policy lab" },
  { href: "/keys/emergency", label: "Emergency rotation" },
] as const;

type KeysHeadProps = {
  readonly current: (typeof PAGES)[number]["href"];
  readonly endpoint: string | null;
  readonly setEndpoint: (endpoint: string | null) => void;
  readonly children?: ReactNode;
};

/** The pages of keys, and the endpoint that they are about. */
export function KeysHead({ current, endpoint, setEndpoint, children }: KeysHeadProps) {
  const segments = useRequest("segments", { from: "now-7d", to: "now", limit: "1" });
  const names = (segments.data?.values.endpoint ?? []).flatMap(({ value }) =>
    value === null ? [] : [value],
  );
  const listed = endpoint && !names.includes(endpoint) ? [endpoint, ...names] : names;
  return (
    <div className="space-y-3 px-4 sm:px-0">
      <h1 className="text-xl font-semibold tracking-tight">
        {PAGES.find(({ href }) => href === current)?.label}
      </h1>
      <div className="flex flex-wrap items-center gap-1.5">
        <nav aria-label="Pages of keys" className="flex flex-wrap gap-px">
          {PAGES.map(({ href, label }) => (
            <Link
              key={href}
              href={endpoint ? `${href}?endpoint=${encodeURIComponent(endpoint)}` : href}
              className="control"
              aria-current={href === current ? "true" : undefined}
            >
              {label}
            </Link>
          ))}
        </nav>
        <label className="control">
          <span className="sr-only">Endpoint</span>
          <select
            className="max-w-48 bg-transparent"
            value={endpoint ?? ""}
            onChange={(event) => setEndpoint(event.target.value || null)}
          >
            <option value="">All endpoints</option>
            {listed.map((name) => (
              <option key={name} value={name}>
                {nameOf(name)}
              </option>
            ))}
          </select>
        </label>
        {children}
      </div>
    </div>
  );
}

type Windowed = {
  readonly range: (typeof KEY_RANGES)[number];
  readonly from: number | null;
  readonly to: number | null;
};

/** The time range of pages that look back over days. */
export function KeyRanges({ view, setView }: { view: Windowed; setView: (next: Partial<Windowed>) => void }) {
  const custom = view.from !== null && view.to !== null;
  return (
    <fieldset className="flex flex-wrap gap-px" aria-label="Time range">
      {KEY_RANGES.map((range) => (
        <button
          key={range}
          type="button"
          className="control"
          aria-pressed={!custom && view.range === range}
          onClick={() => setView({ range, from: null, to: null })}
        >
          {range}
        </button>
      ))}
      {custom ? (
        <button
          type="button"
          className="control"
          aria-pressed="true"
          onClick={() => setView({ from: null, to: null })}
        >
          <Time ms={view.from ?? 0} /> – <Time ms={view.to ?? 0} /> <span aria-hidden>×</span>
        </button>
      ) : null}
    </fieldset>
  );
}
