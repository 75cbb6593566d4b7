import type { Handshake } from "../domain/handshake.ts";

/** A handshake that offered a ticket or session, with what is known of that ticket from before. 0 = not known. */
export type TicketSight = {
  /** 52 bits of the ticket's hash in this process. */
  readonly key: number;
  readonly atMs: number;
  readonly nowMs: number;
  readonly endpoint: string | null;
  readonly node: number;
  readonly network: number;
  readonly family: number;
  readonly accepted: boolean;
  /** How often it was seen before, and how often accepted. */
  readonly seenBefore: number;
  readonly acceptedBefore: number;
  readonly firstNetwork: number;
  readonly firstFamily: number;
};

/** Whether the client presented something to resume by, as far as the source tells. */
export function isOffer({ offer, outcome }: Handshake): boolean {
  return offer === null ? outcome === "resumed" : offer !== "none";
}

/** Whether an offer was refused because its ticket could not be opened at all. */
export function isUnreadable({ reason }: Handshake): boolean {
  return reason === "corrupt" || reason === "unknown_key";
}
