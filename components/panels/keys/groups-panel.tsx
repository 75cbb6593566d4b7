"use client";
import Link from "next/link";
import { UNKNOWN_NAME } from "@/lib/client/names.ts";
import type { KeyGroupView, KeysReply } from "@/lib/contract/read-keys.ts";
import { inLength, inList } from "@/lib/domain/words.ts";
import { formatAge, nameOf } from "../../ui/format.ts";
import { Panel } from "../../ui/panel.tsx";
import { Time } from "../../ui/zone.tsx";
import { KeyName } from "./key-name.tsx";
import { type Tone, Verdict } from "./verdict.tsx";

const length = (seconds: number | null): string => (seconds === null ? "–" : inLength(seconds * 1_000));

/** Nodes that share keys: which key encrypts, how old it is, when the next is due, what it covers and exposes. */
export function GroupsPanel({ keys }: { keys: KeysReply }) {
  return (
    <Panel
      title="Who shares keys"
      note={`${keys.groups.length} ${keys.groups.length === 1 ? "group" : "groups"}`}
    >
      <p className="mb-2 text-[1.15rem]" data-exposure>
        {keys.exposure.sentence}
      </p>
      <section className="overflow-x-auto" tabIndex={0} aria-label="Groups of nodes that share keys">
        <table className="w-full text-left">
          <thead className="text-ink-3">
            <tr>
              <th className="py-1 pr-4 font-normal">Group</th>
              <th className="pr-4 font-normal">Current key</th>
              <th className="pr-4 font-normal">Its age</th>
              <th className="pr-4 font-normal">New key every</th>
              <th className="pr-4 font-normal">Next due</th>
              <th className="pr-4 font-normal">Ticket lifetime</th>
              <th className="pr-4 font-normal">Covered</th>
              <th className="pr-4 font-normal">Exposed now</th>
              <th className="font-normal">By design</th>
            </tr>
          </thead>
          <tbody>
            {keys.groups.map((group) => (
              <Group key={group.group} group={group} keys={keys} />
            ))}
          </tbody>
        </table>
      </section>
      <Sentences keys={keys} />
    </Panel>
  );
}

function Group({ group, keys }: { group: KeyGroupView; keys: KeysReply }) {
  const ages = keys.keys
    .filter(({ keyName }) => group.currentKeys.includes(keyName))
    .map(({ ageMs }) => ageMs ?? 0);
  return (
    <tr className="border-t border-rule align-baseline hover:bg-sunken/60" data-group={group.group}>
      <td className="min-w-40 py-1 pr-4">
        {group.title}
        <span className="block text-ink-3">
          {group.places.length} {group.places.length === 1 ? "node" : "nodes"} of <Endpoints group={group} />
        </span>
      </td>
      <td className="pr-4">
        {group.currentKeys.length === 0 ? "not known" : null}
        {group.currentKeys.map((keyName) => (
          <span key={keyName} className="block">
            <KeyName keyName={keyName} />
          </span>
        ))}
        {group.currentKeys.length > 1 ? (
          <Verdict tone="bad">{`${group.currentKeys.length} at once`}</Verdict>
        ) : null}
      </td>
      <td className="pr-4 whitespace-nowrap">{ages.length ? inLength(Math.max(...ages)) : "–"}</td>
      <td className="pr-4 whitespace-nowrap">
        {length(group.periodS)}
        {group.intervals > 0 ? (
          <span className="block text-ink-3">
            median of {group.intervals} {group.intervals === 1 ? "interval" : "intervals"}
          </span>
        ) : null}
      </td>
      <td className="pr-4 whitespace-nowrap">
        <Due group={group} nowMs={keys.nowMs} />
      </td>
      <td className="pr-4 whitespace-nowrap">{length(group.coverage.lifetimeS)}</td>
      <td className="pr-4 whitespace-nowrap">
        <Verdict tone={COVERAGE[group.coverage.verdict]}>{length(group.coverage.coveredS)}</Verdict>
      </td>
      <td className="pr-4 whitespace-nowrap">
        {group.exposure.atLeast ? "≥ " : ""}
        {length(group.exposure.liveS)}
      </td>
      <td className="whitespace-nowrap">{length(group.exposure.designS)}</td>
    </tr>
  );
}

const COVERAGE: Readonly<Record<"ok" | "bad" | "unknown", Tone>> = {
  ok: "good",
  bad: "bad",
  unknown: "unknown",
};

function Endpoints({ group }: { group: KeyGroupView }) {
  return group.endpoints.map((endpoint, i) => (
    <span key={nameOf(endpoint)}>
      {i > 0 ? ", " : ""}
      <Link
        href={`/endpoints/${encodeURIComponent(endpoint ?? UNKNOWN_NAME)}`}
        className="text-accent hover:underline"
      >
        {nameOf(endpoint)}
      </Link>
    </span>
  ));
}

function Due({ group, nowMs }: { group: KeyGroupView; nowMs: number }) {
  if (group.dueMs === null) return <Verdict tone="unknown">no rhythm known</Verdict>;
  const age = formatAge(nowMs - group.dueMs);
  return (
    <>
      <Verdict tone={group.overdue ? "bad" : "good"}>
        {group.overdue ? `overdue, was due ${age}` : age}
      </Verdict>
      <span className="block text-ink-3">
        <Time ms={group.dueMs} />
      </span>
    </>
  );
}

/** What the figures mean, group by group, and who did not take up the last rotation. */
function Sentences({ keys }: { keys: KeysReply }) {
  const several = keys.groups.length > 1;
  return (
    <ul className="mt-2 space-y-1 text-ink-2">
      {keys.groups.map(({ group, title, coverage, exposure }) => (
        <li key={group}>
          {several ? <b className="font-medium text-ink">{title}: </b> : null}
          {coverage.sentence} {several ? exposure.sentence : ""} <Behind keys={keys} group={group} />
        </li>
      ))}
    </ul>
  );
}

function Behind({ keys, group }: { keys: KeysReply; group: number }) {
  const newest = keys.rotations.find((of) => of.group === group);
  if (!newest?.behind.length) return null;
  const names = newest.behind.map(({ node, endpoint }) => nameOf(node ?? endpoint));
  return (
    <span className="text-bad" data-behind>
      {inList(names)} {names.length === 1 ? "has" : "have"} not taken up key{" "}
      <KeyName keyName={newest.keyName} /> of <Time ms={newest.atMs} />.
    </span>
  );
}
