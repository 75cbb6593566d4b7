"use client";
import { parseAsString, useQueryState } from "nuqs";
import type { SourceView } from "@/lib/contract/read-sources.ts";
import { Panel } from "../../ui/panel.tsx";
import { Arrival } from "./arrival.tsx";
import { CapabilityRow } from "./capability-row.tsx";
import { CATALOGUE, type CatalogueEntry, entryOf, transportTitle } from "./catalogue.ts";
import { fillIn, type Listeners, offOf } from "./fill-in.ts";
import { Snippet } from "./snippet.tsx";

type Props = {
  readonly listeners: Listeners;
  readonly sources: readonly SourceView[] | undefined;
  readonly nowMs: number;
};

/** Choose what sends, choose how, paste, and watch the first handshake arrive. Both choices are in the URL. */
export function ConnectSource({ listeners, sources, nowMs }: Props) {
  const [name, setName] = useQueryState("connect", parseAsString);
  const [via, setVia] = useQueryState("via", parseAsString);
  const entry = name === null ? undefined : entryOf(name);
  const transports = entry ? [...new Set(entry.configurations.map(({ transport }) => transport))] : [];
  const transport = transports.find((one) => one === via) ?? transports[0];
  return (
    <Panel title="Connect a source">
      <div className="space-y-4">
        <Step number={1} title="What sends?">
          <Choices
            title="Logs, events and the wire: each handshake, one by one"
            entries={CATALOGUE.filter(({ kind }) => kind !== "counters")}
            chosen={entry}
            choose={(next) => void setName(next).then(() => setVia(null))}
          />
          <Choices
            title="Counters: how many, without the single handshake"
            entries={CATALOGUE.filter(({ kind }) => kind === "counters")}
            chosen={entry}
            choose={(next) => void setName(next).then(() => setVia(null))}
          />
        </Step>
        {entry && transport ? (
          <>
            <Step number={2} title={`How does it reach Reprise?`}>
              <div className="flex flex-wrap gap-1">
                {transports.map((one) => (
                  <button
                    key={one}
                    type="button"
                    className="control"
                    aria-pressed={one === transport}
                    onClick={() => void setVia(one)}
                  >
                    {transportTitle(one)}
                  </button>
                ))}
              </div>
              <Off sentence={offOf(transport, listeners)} />
            </Step>
            <Step number={3} title="Paste this">
              <div className="grid gap-4 xl:grid-cols-[1fr_24rem]">
                <div className="min-w-0 space-y-3">
                  {entry.configurations
                    .filter((configuration) => configuration.transport === transport)
                    .map(({ title, text }) => (
                      <Snippet key={title} title={title} text={fillIn(text, listeners)} />
                    ))}
                </div>
                <aside aria-label={`What ${entry.title} can tell`}>
                  <h4 className="mb-1 text-ink-3">What {entry.title} can tell</h4>
                  <CapabilityRow entry={entry} />
                  <ul className="mt-2 list-disc space-y-1 pl-4 text-ink-2">
                    {entry.capabilities.notes.map((note) => (
                      <li key={note}>{note}</li>
                    ))}
                  </ul>
                </aside>
              </div>
            </Step>
            <Step number={4} title="Watch it arrive">
              <Arrival key={entry.name} entry={entry} sources={sources} nowMs={nowMs} />
            </Step>
          </>
        ) : null}
      </div>
    </Panel>
  );
}

function Step({ number, title, children }: { number: number; title: string; children: React.ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1.5 font-semibold">
        <span className="mr-2 text-ink-3">{number}</span>
        {title}
      </h3>
      <div className="space-y-2 sm:pl-5">{children}</div>
    </section>
  );
}

type ChoicesProps = {
  readonly title: string;
  readonly entries: readonly CatalogueEntry[];
  readonly chosen: CatalogueEntry | undefined;
  readonly choose: (name: string) => void;
};

function Choices({ title, entries, chosen, choose }: ChoicesProps) {
  if (entries.length === 0) return null;
  return (
    <fieldset>
      <legend className="mb-1 text-ink-3">{title}</legend>
      <div className="flex flex-wrap gap-1">
        {entries.map((entry) => (
          <button
            key={entry.name}
            type="button"
            className="control"
            aria-pressed={entry === chosen}
            onClick={() => choose(entry.name)}
          >
            {entry.title}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

function Off({ sentence }: { sentence: string | null }) {
  return sentence === null ? null : <p className="text-warn">{sentence}</p>;
}
