"use client";
import { useState } from "react";
import { type LiveState, useLiveUpdates } from "@/lib/client/live.ts";
import { COMPARE_NAMES, FILTER_NAMES, RANGE_NAMES, type View } from "@/lib/client/view.ts";
import { Time } from "../ui/zone.tsx";
import { useView } from "./use-view.ts";

const COMPARE_LABELS = { none: "No comparison", day: "Yesterday", week: "Last week" } as const;
const LIVE_LABELS: Readonly<Record<LiveState, string>> = {
  off: "Paused",
  connecting: "Connecting",
  live: "Live",
  lost: "Reconnecting",
};

/** Time range, comparison, live updates and the filters that are set. */
export function Toolbar() {
  const [view, setView] = useView();
  const custom = view.from !== null && view.to !== null;
  const live = useLiveUpdates(view.live && !custom);
  const [editing, setEditing] = useState(false);
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <fieldset className="flex flex-wrap gap-px" aria-label="Time range">
        {RANGE_NAMES.map((range) => (
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
        <button
          type="button"
          className="control"
          aria-pressed={custom}
          aria-expanded={editing}
          onClick={() => setEditing(!editing)}
        >
          {custom ? (
            <>
              <Time ms={view.from ?? 0} /> – <Time ms={view.to ?? 0} />
            </>
          ) : (
            "Custom"
          )}
        </button>
      </fieldset>
      <label className="control">
        <span className="sr-only">Compare with</span>
        <select
          className="bg-transparent"
          value={view.compare}
          onChange={(event) => setView({ compare: event.target.value as View["compare"] })}
        >
          {COMPARE_NAMES.map((name) => (
            <option key={name} value={name}>
              {COMPARE_LABELS[name]}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        className="control"
        aria-pressed={view.live && !custom}
        disabled={custom}
        onClick={() => setView({ live: !view.live })}
      >
        <i
          aria-hidden
          className={`size-2 rounded-full ${live === "live" ? "bg-good" : live === "lost" ? "bg-warn" : "bg-ink-3"}`}
        />
        {LIVE_LABELS[live]}
      </button>
      <Chips view={view} clear={(name) => setView({ [name]: null })} />
      {editing ? (
        <CustomRange
          view={view}
          apply={(from, to) => setView({ from, to })}
          close={() => setEditing(false)}
        />
      ) : null}
    </div>
  );
}

function Chips({ view, clear }: { view: View; clear: (name: (typeof FILTER_NAMES)[number]) => void }) {
  return FILTER_NAMES.map((name) =>
    view[name] ? (
      <button key={name} type="button" className="control" aria-pressed="true" onClick={() => clear(name)}>
        {name}: {view[name]} <span aria-hidden>×</span>
        <span className="sr-only">remove this filter</span>
      </button>
    ) : null,
  );
}

const localText = (ms: number): string =>
  new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

type CustomRangeProps = {
  readonly view: View;
  readonly apply: (from: number, to: number) => void;
  readonly close: () => void;
};

function CustomRange({ view, apply, close }: CustomRangeProps) {
  const [from, setFrom] = useState(() => localText(view.from ?? Date.now() - 3_600_000));
  const [to, setTo] = useState(() => localText(view.to ?? Date.now()));
  const valid = Date.parse(from) < Date.parse(to);
  return (
    <form
      className="flex w-full flex-wrap items-end gap-2 border-t border-rule py-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (!valid) return;
        apply(Date.parse(from), Date.parse(to));
        close();
      }}
    >
      <label>
        <span className="label block">From</span>
        <input
          type="datetime-local"
          className="field"
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
      </label>
      <label>
        <span className="label block">To</span>
        <input
          type="datetime-local"
          className="field"
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </label>
      <button type="submit" className="control h-8" disabled={!valid}>
        Show
      </button>
      {valid ? null : <p className="text-bad">The start has to lie before the end.</p>}
    </form>
  );
}
