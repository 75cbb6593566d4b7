"use client";
import { Fold } from "@/components/ui/fold.tsx";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { MessageView } from "@/lib/contract/read-alerts.ts";
import { inLength } from "@/lib/domain/words.ts";
import { TableHead } from "../../ui/table-head.tsx";
import { Choice } from "../choice.tsx";
import { Verdict } from "../keys/verdict.tsx";
import { useRequest } from "../use-request.ts";
import { Gate } from "../visitor.tsx";
import { useAlertWrite } from "./use-alert-write.ts";
import { REASON_WORDS } from "./words.ts";

const ASK_EVERY_MS = 5_000;
const STATES = { all: "All", sent: "Sent", waiting: "Waiting", dead: "Given up" } as const;
export const DELIVERY_STATES = Object.keys(STATES) as (keyof typeof STATES)[];

type Props = {
  readonly state: keyof typeof STATES;
  readonly setState: (state: keyof typeof STATES) => void;
};

/** What was sent to whom, how it went, and what was given up. */
export function DeliveriesPanel({ state, setState }: Props) {
  const params: Record<string, string> = state === "all" ? {} : { state };
  const { data, error, refetch } = useRequest("messages", params, { everyMs: ASK_EVERY_MS });
  const write = useAlertWrite();
  return (
    <Panel
      title="Deliveries"
      note="messages of the last 7 days, the newest first"
      tools={
        <Choice
          label="State"
          value={state}
          choices={STATES}
          choose={(name) => setState(name as keyof typeof STATES)}
        />
      }
    >
      <Problem error={write.error} />
      {error && !data ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Placeholder height={160} />
      ) : data.messages.length === 0 ? (
        <EmptyState title="No message yet.">
          What alerts tell receivers stands here, with every try. A receiver's test is the first message that
          there can be.
        </EmptyState>
      ) : (
        <section className="relative overflow-x-auto" tabIndex={0} aria-label="Delivery log">
          <table className="w-full text-left">
            <TableHead names={["When", "Receiver", "Why", "Message", "Result"]} />
            <tbody>
              {data.messages.map((message) => (
                <Row
                  key={message.id}
                  message={message}
                  nowMs={data.nowMs}
                  busy={write.isPending}
                  resend={() => write.mutate({ path: `messages/${message.id}`, method: "POST" })}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  );
}

type RowProps = {
  readonly message: MessageView;
  readonly nowMs: number;
  readonly busy: boolean;
  readonly resend: () => void;
};

function Row({ message, nowMs, busy, resend }: RowProps) {
  const { createdMs, receiver, reason, title, state, tries } = message;
  return (
    <tr className="border-t border-rule align-top" data-message={state}>
      <td className="py-1.5 pr-4 whitespace-nowrap">
        <Time ms={createdMs} />
      </td>
      <td className="py-1.5 pr-4">{receiver}</td>
      <td className="py-1.5 pr-4 whitespace-nowrap">{REASON_WORDS[reason] ?? reason}</td>
      <td className="max-w-160 min-w-56 py-1.5 pr-4 break-words">{title}</td>
      <td className="min-w-56 py-1 pr-4">
        {tries.length === 0 ? (
          <p className="py-0.5">
            <Result message={message} nowMs={nowMs} />
          </p>
        ) : (
          <Fold head={<Result message={message} nowMs={nowMs} />}>
            <ul>
              {tries.map(({ atMs, ok, status, durationMs, error }) => (
                <li key={atMs} className="text-ink-2">
                  <Time ms={atMs} /> {ok ? "taken" : "refused"}
                  {status === null ? "" : `, ${status}`}, {durationMs} ms{error ? `: ${error}` : ""}
                </li>
              ))}
            </ul>
          </Fold>
        )}
      </td>
      <td className="py-1 text-right">
        {state === "dead" || (state === "waiting" && tries.length > 0) ? (
          <Gate need="operator">
            <button type="button" className="control" disabled={busy} onClick={resend}>
              {state === "dead" ? "Send again" : "Send now"}
              <span className="sr-only"> to {receiver}</span>
            </button>
          </Gate>
        ) : null}
      </td>
    </tr>
  );
}

function Result({ message, nowMs }: { message: MessageView; nowMs: number }) {
  const { state, attempts, dueMs, lastError, sentMs, createdMs } = message;
  const tried = attempts === 1 ? "once" : `${attempts} times`;
  if (state === "sent")
    return <Verdict tone="good">{`sent after ${inLength((sentMs ?? createdMs) - createdMs)}`}</Verdict>;
  if (state === "dead")
    return (
      <span className="text-bad">
        given up, tried {tried}: {lastError}
      </span>
    );
  if (attempts === 0) return <span className="text-ink-3">waits for the collector</span>;
  return (
    <span className="text-warn">
      tried {tried}: {lastError}; again in {inLength(Math.max(0, dueMs - nowMs))}
    </span>
  );
}
