/** The wire contract of POST /v1/keys: keys as they were seen in use, and what was done with them. */
import { z } from "zod";
import { KEY_ACTIONS, KEY_USES } from "../domain/keys.ts";
import { MAX_COUNT, MAX_NAME, timestamp } from "./ingest.ts";

const name = z.string().max(MAX_NAME).nullish();

/** Longest hexadecimal key name: 16 bytes are usual; 48 and 80 bytes are the sizes of key files, and are refused. */
export const MAX_KEY_NAME_HEX = 64;

/**
 * One line of /v1/keys. `keyName` is the public name of a key (hashed on arrival), never key material: 48 or 80 bytes of
 * hexadecimal or base64 are refused. `action` is a use that was observed, or a step in the key's life.
 */
export const wireKey = z.object({
  id: z.string().min(1).max(128).nullish(),
  ts: timestamp,
  keyName: z.string().min(1).max(MAX_NAME),
  endpoint: name,
  node: name,
  keyGroup: name,
  action: z.enum([...KEY_USES, ...KEY_ACTIONS]),
  /** Seconds that the server told the client to keep the ticket (RFC 5077 3.3, RFC 8446 4.6.1). */
  lifetimeHintS: z.number().int().min(0).max(0xffff_ffff).nullish(),
  /** How many tickets or handshakes this stands for; of uses only. */
  count: z.number().int().min(1).max(MAX_COUNT).nullish(),
  actor: name,
  reason: z.string().max(500).nullish(),
});
export type WireKey = z.infer<typeof wireKey>;
