"use client";
import { useState } from "react";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { AlertsReply } from "@/lib/contract/read-alerts.ts";
import type { AlertRoute } from "@/lib/domain/alert-routing.ts";
import { lengthText } from "@/lib/domain/alert-rule.ts";
import { useActor } from "../use-actor.ts";
import { Gate } from "../visitor.tsx";
import { useAlertWrite } from "./use-alert-write.ts";
import { matcherText } from "./words.ts";

/** Which alert goes where: the tree as it is, and as text to change it. */
export function RoutesPanel({ data: { routing, receivers } }: { data: AlertsReply }) {
  const [text, setText] = useState<string | null>(null);
  const actor = useActor();
  const write = useAlertWrite();
  const fromFile = routing.origin === "file";
  const first = receivers[0]?.name;
  const start =
    routing.tree.receiver || routing.tree.routes.length
      ? routing.yaml
      : `route:\n  receiver: ${first ?? "name"}\n`;
  return (
    <Panel
      title="Routes"
      note={
        routing.updatedMs === null ? (
          "nobody has written any yet"
        ) : fromFile ? (
          "from the rules file, changed there"
        ) : (
          <>
            changed <Time ms={routing.updatedMs} />
            {routing.actor ? ` by ${routing.actor}` : ""}
          </>
        )
      }
      tools={
        fromFile || text !== null ? null : (
          <Gate need="admin">
            <button type="button" className="control" onClick={() => setText(start)}>
              Change
            </button>
          </Gate>
        )
      }
    >
      <p className="mb-2 max-w-200 text-ink-2">
        An alert goes to the deepest branch whose labels it has, unless that says to go on. What a branch
        leaves out is as above it; at the top: grouped by endpoint, first told after 30 s, more after 5 min,
        again after 4 h.
      </p>
      <ul aria-label="Routing tree">
        <Branch route={routing.tree} depth={0} />
      </ul>
      {text === null ? null : (
        <div className="mt-3 space-y-2">
          <label className="block">
            <span className="label">
              As YAML (operator: is, is_not, like, not_like; * stands for anything)
            </span>
            <textarea
              rows={Math.min(30, Math.max(10, text.split("\n").length + 2))}
              spellCheck={false}
              className="field h-auto py-1 font-mono text-[12px]"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </label>
          <Problem error={write.error} />
          <div className="flex gap-2">
            <button
              type="button"
              className="control"
              disabled={write.isPending}
              onClick={() =>
                write.mutate(
                  { path: "routing", method: "PUT", body: { yaml: text, actor: actor.trim() || null } },
                  { onSuccess: () => setText(null) },
                )
              }
            >
              Save routes
            </button>
            <button
              type="button"
              className="control"
              onClick={() => {
                write.reset();
                setText(null);
              }}
            >
              Cancel
            </button>
            <button
              type="button"
              className="control"
              onClick={() => setText(EXAMPLE.replaceAll("NAME", first ?? "name"))}
            >
              Example
            </button>
          </div>
        </div>
      )}
    </Panel>
  );
}

const EXAMPLE = `route:
  receiver: NAME
  groupBy: [endpoint]
  repeatInterval: 4h
  routes:
    # Pages wait less, and come again until somebody has them.
    - matchers:
        - { label: severity, value: page }
      receiver: NAME
      groupWait: 10s
      repeatInterval: 30m
    - matchers:
        - { label: endpoint, operator: like, value: "*.staging.example" }
      receiver: NAME
      repeatInterval: 24h
`;

function Branch({ route, depth }: { route: AlertRoute; depth: number }) {
  const { matchers, receiver, groupBy, groupWait, groupInterval, repeatInterval, routes } = route;
  const timing = [
    ...(groupBy ? [groupBy.length ? `grouped by ${groupBy.join(", ")}` : "in one thread"] : []),
    ...(groupWait === undefined
      ? []
      : [groupWait === 0 ? "first at once" : `first after ${lengthText(groupWait)}`]),
    ...(groupInterval === undefined ? [] : [`more after ${lengthText(groupInterval)}`]),
    ...(repeatInterval === undefined ? [] : [`again after ${lengthText(repeatInterval)}`]),
    ...(route.continue ? ["goes on to the next"] : []),
  ];
  const what = matchers.length
    ? matchers.map(matcherText).join(", ")
    : depth === 0
      ? "Every alert"
      : "All others";
  return (
    <li>
      <p
        className="flex flex-wrap gap-x-2 border-t border-rule py-1"
        style={{ paddingLeft: `${depth * 1.5}rem` }}
      >
        <span>{what}</span>
        <span aria-hidden className="text-ink-3">
          →
        </span>
        <b className="font-medium">{receiver ?? (depth === 0 ? "nobody" : "as above")}</b>
        <span className="text-ink-3">{timing.join(", ")}</span>
      </p>
      {routes.length ? (
        <ul>
          {routes.map((child, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: branches are told apart by their place
            <Branch key={index} route={child} depth={depth + 1} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}
