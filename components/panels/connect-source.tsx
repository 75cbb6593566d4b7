"use client";
import { useQueryState } from "nuqs";
import { useState } from "react";
import catalogue from "@/lib/contract/source-catalogue.json";
import { Panel } from "../ui/panel.tsx";

const CAPABILITIES: readonly (readonly [string, string])[] = [
  ["outcome", "Full or resumed"],
  ["mechanism", "Mechanism"],
  ["offer", "Offers"],
  ["rejectionReason", "Rejection reasons"],
  ["earlyData", "Early data"],
  ["handshakeTime", "Handshake time"],
  ["failures", "Failures"],
  ["cache", "Cache"],
  ["keyRotation", "Key rotation"],
];

type Entry = (typeof catalogue)[number];

/** What to paste into each proxy, and what it can and cannot tell. */
export function ConnectSource({ collector, syslog }: { collector: string; syslog: string }) {
  const [name, setName] = useQueryState("connect", { defaultValue: catalogue[0]?.name ?? "" });
  const entry = catalogue.find((source) => source.name === name) ?? catalogue[0];
  return (
    <Panel
      title="Connect a source"
      tools={catalogue.map((source) => (
        <button
          key={source.name}
          type="button"
          className="control"
          aria-pressed={source === entry}
          onClick={() => void setName(source.name)}
        >
          {source.title}
        </button>
      ))}
    >
      {entry ? (
        <Description
          entry={entry}
          fill={(text) => text.replaceAll("{{collector}}", collector).replaceAll("{{syslog}}", syslog)}
        />
      ) : null}
    </Panel>
  );
}

function Description({ entry, fill }: { entry: Entry; fill: (text: string) => string }) {
  const capabilities: Readonly<Record<string, unknown>> = entry.capabilities;
  return (
    <div className="grid gap-4 lg:grid-cols-[18rem_1fr]">
      <div>
        <h3 className="mb-1 text-ink-3">What it can tell</h3>
        <dl className="grid grid-cols-2 gap-x-3">
          {CAPABILITIES.map(([key, label]) => (
            <div key={key} className="contents">
              <dt className="text-ink-2">{label}</dt>
              <dd
                className={
                  capabilities[key] === "yes"
                    ? "text-good"
                    : capabilities[key] === "no"
                      ? "text-ink-3"
                      : "text-warn"
                }
              >
                {String(capabilities[key])}
              </dd>
            </div>
          ))}
        </dl>
        <ul className="mt-3 list-disc space-y-1 pl-4 text-ink-2">
          {entry.capabilities.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      </div>
      <div className="min-w-0 space-y-3">
        {entry.configurations.map((configuration) => (
          <Snippet key={configuration.title} title={configuration.title} text={fill(configuration.text)} />
        ))}
      </div>
    </div>
  );
}

function Snippet({ title, text }: { title: string; text: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <figure>
      <figcaption className="mb-1 flex items-center justify-between">
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
