"use client";
import Link from "next/link";
import type { MessageView } from "@/lib/contract/read-alerts.ts";
import { inLength, inList } from "@/lib/domain/words.ts";
import { useRequest } from "../use-request.ts";

const ASK_EVERY_MS = 15_000;

/** Who was told of an incident, in a line; nothing where nobody was and nobody could be. */
export function IncidentTold({ id }: { id: string }) {
  const { data } = useRequest("messages", { incident: id, days: "90" }, { everyMs: ASK_EVERY_MS });
  if (!data) return null;
  const told = new Map<string, MessageView>();
  for (const message of data.messages) if (!told.has(message.receiver)) told.set(message.receiver, message);
  const words = [...told.values()].map(({ receiver, state, createdMs }) => {
    const ago = `${inLength(Math.max(0, data.nowMs - createdMs))} ago`;
    return state === "sent"
      ? `${receiver} ${ago}`
      : `${receiver} (${state === "dead" ? "given up" : "on its way"})`;
  });
  return (
    <p className="text-ink-3" data-told={told.size}>
      {words.length ? `Told to ${inList(words, 5)}. ` : "Nobody was told of it. "}
      <Link href="/alerts?tab=deliveries" className="underline">
        Deliveries
      </Link>
    </p>
  );
}
