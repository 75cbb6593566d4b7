"use client";
import { type FormEvent, useState } from "react";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import type { MadeTokenReply } from "@/lib/contract/read-tokens.ts";
import type { TokenScope } from "@/lib/domain/source-token.ts";
import { MadeToken } from "./made-token.tsx";
import { useTokenAct } from "./use-tokens.ts";

const USES: Readonly<Record<string, { readonly label: string; readonly scopes: readonly TokenScope[] }>> = {
  source: { label: "a source: handshakes and changes", scopes: ["handshakes", "changes"] },
  keys: { label: "a source that tells of keys too", scopes: ["handshakes", "changes", "keys"] },
  changes: { label: "a pipeline: changes only", scopes: ["changes"] },
  read: { label: "reading: Grafana, scripts, metrics", scopes: ["read"] },
  operate: { label: "a script that does what operators do", scopes: ["operate"] },
  administer: { label: "a script that administers", scopes: ["administer"] },
};
const DAY_MS = 86_400_000;
const TERMS = { "30": "30 days", "90": "90 days", "365": "a year", "": "for good" } as const;

const namesIn = (text: FormDataEntryValue | null): string[] | null => {
  const names = String(text ?? "").split(",");
  const given = names.map((name) => name.trim()).filter((name) => name !== "");
  return given.length === 0 ? null : given;
};

/** Makes a token. */
export function NewTokenPanel() {
  const make = useTokenAct<MadeTokenReply>();
  const [use, setUse] = useState("source");
  const [made, setMade] = useState<MadeTokenReply | null>(null);
  const writes = USES[use]?.scopes.some((scope) => scope === "handshakes" || scope === "changes") ?? false;
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const days = Number(given.get("days"));
    const body = {
      ...{ name: given.get("name"), scopes: USES[use]?.scopes },
      ...{
        endpoints: writes ? namesIn(given.get("endpoints")) : null,
        nodes: writes ? namesIn(given.get("nodes")) : null,
      },
      expiresMs: days > 0 ? Date.now() + days * DAY_MS : null,
    };
    const done = (reply: MadeTokenReply): void => {
      setMade(reply);
      form.reset();
      setUse("source");
    };
    make.mutate({ path: "/api/tokens", method: "POST", body }, { onSuccess: done });
  };
  return (
    <Panel title="A new token" note="for one sender or script each, so that it can be revoked alone">
      {made ? <MadeToken made={made} close={() => setMade(null)} /> : null}
      <form
        onSubmit={submit}
        className="grid gap-3 sm:grid-cols-2 lg:grid-cols-5 lg:items-end"
        aria-label="New token"
      >
        <label>
          <span className="label">What it is for</span>
          <input name="name" className="field" required maxLength={253} placeholder="edge-eu-1" />
        </label>
        <label>
          <span className="label">It may</span>
          <select name="use" className="field" value={use} onChange={(event) => setUse(event.target.value)}>
            {Object.entries(USES).map(([name, { label }]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span className="label">Only endpoints (* for any characters)</span>
          <input name="endpoints" className="field" disabled={!writes} maxLength={2_000} />
        </label>
        <label>
          <span className="label">Only nodes</span>
          <input name="nodes" className="field" disabled={!writes} maxLength={2_000} />
        </label>
        <div className="flex items-end gap-3">
          <label className="grow">
            <span className="label">It lasts</span>
            <select name="days" className="field" defaultValue="90">
              {Object.entries(TERMS).map(([days, words]) => (
                <option key={days} value={days}>
                  {words}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" className="control h-8" disabled={make.isPending}>
            Make it
          </button>
        </div>
      </form>
      <Problem error={make.error} className="mt-2" />
    </Panel>
  );
}
