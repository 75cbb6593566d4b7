/** Words of an alert's life, of messages and of their delivery, as they are kept and answered. */

/** `resolving`: the condition is over, and it is waited whether it stays so. */
export const ALERT_PHASES = ["ok", "pending", "firing", "resolving", "no_data"] as const;
export type AlertPhase = (typeof ALERT_PHASES)[number];

/** What changed, for those who have to be told. */
export const ALERT_TRANSITIONS = ["pending", "fired", "resolved", "no_data", "data_back"] as const;
export type AlertTransition = (typeof ALERT_TRANSITIONS)[number];

/** Why a message goes out. */
export const TELL_REASONS = ["first", "more", "fewer", "resolved", "repeat"] as const;
export type TellReason = (typeof TELL_REASONS)[number];

/** `dead`: given up, until somebody sends it again. */
export const OUTBOX_STATES = ["waiting", "sent", "dead"] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];
