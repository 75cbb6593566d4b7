"use client";
import Link from "next/link";
import type { KeyAtPlaceView, KeysReply } from "@/lib/contract/read-keys.ts";
import { inLength } from "@/lib/domain/words.ts";
import { shortKey } from "../../charts/prepare/gantt.ts";
import { formatCount, nameOf } from "../../ui/format.ts";
import { Panel } from "../../ui/panel.tsx";
import { Time } from "../../ui/zone.tsx";

const BASES = {
  issued: "tickets made",
  accepted: "tickets opened",
  loaded: "told by the node",
  refused: "offers refused",
  told: "an event",
} as const;

type KeyDetailProps = { readonly keys: KeysReply; readonly keyName: string; readonly close: () => void };

/** One key: where it is in what state, what it was seen doing, and what was said of it. */
export function KeyDetail({ keys, keyName, close }: KeyDetailProps) {
  const key = keys.keys.find((of) => of.keyName === keyName);
  const events = keys.events.filter((of) => of.keyName === keyName);
  return (
    <div id="key">
      <Panel
        title={`Key ${shortKey(keyName)}`}
        note={key?.state ?? "state not known"}
        tools={
          <>
            <Link href={`/keys/emergency?key=${keyName}`} className="control">
              Revoke it
            </Link>
            <button type="button" className="control" onClick={close}>
              Close
            </button>
          </>
        }
      >
        {key ? (
          <>
            <p className="mb-2">
              {key.firstMs === null ? (
                "Never seen in use, only told of or offered in vain."
              ) : (
                <>
                  First seen <Time ms={key.firstMs} />
                  {key.ageMs === null ? "" : `, ${inLength(key.ageMs)} old`}.
                </>
              )}{" "}
              {key.lifetimeS === null ? "" : `Its tickets live for ${inLength(key.lifetimeS * 1_000)}.`}
            </p>
            <Places places={key.places} />
          </>
        ) : (
          <p className="text-ink-2">It was not seen in this window.</p>
        )}
        {events.length ? (
          <ul className="mt-2 space-y-0.5" aria-label="What was said of it">
            {events.map((of) => (
              <li key={of.id}>
                <Time ms={of.atMs} /> <b className="font-medium">{of.action}</b>
                {of.node ? ` at ${of.node}` : ""}
                {of.actor ? ` by ${of.actor}` : ""}
                {of.reason ? `: ${of.reason}` : ""} <span className="text-ink-3">told by {of.via}</span>
              </li>
            ))}
          </ul>
        ) : null}
      </Panel>
    </div>
  );
}

function Places({ places }: { places: readonly KeyAtPlaceView[] }) {
  const count = (use: KeyAtPlaceView["issued"]): string => (use ? formatCount(use.count) : "–");
  return (
    <section className="overflow-x-auto" tabIndex={0} aria-label="The key by node">
      <table className="w-full text-right">
        <thead className="text-ink-3">
          <tr>
            <th className="py-1 pr-4 text-left font-normal">Node</th>
            <th className="pr-4 text-left font-normal">State</th>
            <th className="pr-4 text-left font-normal">Since</th>
            <th className="pr-4 text-left font-normal">Known by</th>
            <th className="px-3 font-normal">Issued</th>
            <th className="px-3 font-normal">Accepted</th>
            <th className="px-3 font-normal">Refused</th>
          </tr>
        </thead>
        <tbody>
          {places.map((place) => (
            <tr key={`${place.endpoint}-${place.node}`} className="border-t border-rule">
              <td className="py-1 pr-4 text-left">
                <Link
                  href={`/endpoints/${encodeURIComponent(nameOf(place.endpoint))}?node=${encodeURIComponent(place.node ?? "(unknown)")}`}
                  className="text-accent hover:underline"
                >
                  {nameOf(place.node)}
                </Link>
              </td>
              <td className="pr-4 text-left">{place.state ?? "not known"}</td>
              <td className="pr-4 text-left whitespace-nowrap">
                {place.sinceMs === null ? "–" : <Time ms={place.sinceMs} />}
              </td>
              <td className="pr-4 text-left text-ink-2">{place.basis ? BASES[place.basis] : "–"}</td>
              <td className="px-3">{count(place.issued)}</td>
              <td className="px-3">{count(place.accepted)}</td>
              <td className="px-3">{count(place.refused)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
