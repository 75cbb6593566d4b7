"use client";
import Link from "next/link";
import { useState } from "react";
import { tenantHeader } from "@/lib/client/page-tenant.ts";
import type { IncidentRow } from "@/lib/contract/read-incidents.ts";
import { useActor } from "../use-actor.ts";
import { Gate, useDownload } from "../visitor.tsx";
import { useIncidentAct } from "./use-incident-act.ts";

const COPY_WORDS = {
  idle: "Copy as Markdown",
  copied: "Copied",
  failed: "Not copied: download it instead",
} as const;

/** What is done at once: acknowledge, and take the incident elsewhere as text. */
export function IncidentTools({ incident }: { incident: IncidentRow }) {
  const act = useIncidentAct(incident.id);
  const actor = useActor();
  const [copy, setCopy] = useState<keyof typeof COPY_WORDS>("idle");
  const markdown = useDownload(`/api/incidents/${encodeURIComponent(incident.id)}/markdown`);
  const does = (action: "acknowledge" | "unacknowledge"): void =>
    act.mutate({ action, actor: actor.trim() || null, text: null });
  const copyText = async (): Promise<void> => {
    const response = await fetch(markdown, { headers: tenantHeader() });
    if (!response.ok) throw new Error(`The console answered ${response.status}.`);
    await navigator.clipboard.writeText(await response.text());
  };
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {incident.state === "open" ? (
        <Gate need="operator">
          <button
            type="button"
            className="control border-accent bg-accent text-on-accent hover:text-on-accent"
            disabled={act.isPending}
            onClick={() => does("acknowledge")}
          >
            Acknowledge
          </button>
        </Gate>
      ) : null}
      {incident.state === "acknowledged" ? (
        <Gate need="operator">
          <button
            type="button"
            className="control"
            disabled={act.isPending}
            onClick={() => does("unacknowledge")}
          >
            Withdraw acknowledgement
          </button>
        </Gate>
      ) : null}
      {incident.state === "resolved" ? null : (
        <Gate need="operator">
          <Link
            className="control"
            href={`/alerts?${new URLSearchParams({ tab: "silences", match: `incident=${incident.id}` })}`}
          >
            Silence
          </Link>
        </Gate>
      )}
      <a href="#what-to-do" className="control lg:hidden">
        What to do
      </a>
      <button
        type="button"
        className="control"
        onClick={() =>
          void copyText().then(
            () => setCopy("copied"),
            () => setCopy("failed"),
          )
        }
      >
        {COPY_WORDS[copy]}
      </button>
      <span role="status" className="sr-only">
        {copy === "idle" ? "" : COPY_WORDS[copy]}
      </span>
      <a href={markdown} download={`incident-${incident.id}.md`} className="control">
        Download
      </a>
      {act.error ? (
        <p role="alert" className="w-full text-bad">
          {act.error.message}
        </p>
      ) : null}
    </div>
  );
}
