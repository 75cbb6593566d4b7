/** A day of three nodes' keys, told over HTTP as it happens: how each rotation went is known, so that it can be compared. */
import { push } from "./collector.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const LIFETIME_S = 12 * 3_600;
const NODES = ["n1", "n2", "n3"] as const;
const STEP_MS = 10 * MINUTE;

/** Public names, as they stand in tickets. */
export const keyName = (number: number): string => `${number}`.repeat(32);
/** Hours at which the key of that number began. */
export const BEGAN = [0, 6, 12, 18, 24] as const;
/** The node that took key 3 four hours late, and went on accepting it for half an hour after it was revoked. */
export const STRAGGLER = "n3";

type Told = { readonly hour: number; readonly node: string };

function currentAt({ hour, node }: Told): number {
  const number = BEGAN.findLastIndex((began) => hour >= began);
  return node === STRAGGLER && number === 3 && hour < 22 ? 2 : number;
}

/** Whether a node opens tickets of a key: old ones are kept, but for key 1, which was dropped, and key 3, which was revoked. */
function opens(key: number, { hour, node }: Told): boolean {
  const current = currentAt({ hour, node });
  // Staged ten minutes before it is made current.
  if (key === 1 && hour >= 5.8 && hour < 12) return true;
  if (key > current) return false;
  if (key === 1) return false;
  if (key === 3 && hour >= 24) return node === STRAGGLER && hour < 24.5;
  return true;
}

/** Tells ten minutes: tickets that were made, and tickets of the last keys that came back. */
async function tellStep(url: string, startMs: number, atMs: number): Promise<void> {
  const hour = (atMs - startMs) / HOUR;
  const keys: object[] = [];
  const handshakes: object[] = [];
  for (const [index, node] of NODES.entries()) {
    const place = { endpoint: "shop", node, ts: atMs + index * 1_000 };
    const current = currentAt({ hour, node });
    keys.push({ ...place, action: "issued", keyName: keyName(current), count: 6, lifetimeHintS: LIFETIME_S });
    // Clients carry tickets of every key that any node makes now, and of the one before.
    const made = new Set(NODES.map((other) => currentAt({ hour, node: other })));
    for (const key of new Set([...made, Math.max(0, Math.min(...made) - 1)])) {
      const accepted = opens(key, { hour, node });
      const offer = {
        ...place,
        ts: place.ts + 500,
        protocol: "TLSv1.3",
        offer: "psk",
        keyName: keyName(key),
        count: 5,
      };
      handshakes.push(
        accepted
          ? { ...offer, outcome: "resumed", mechanism: "psk" }
          : { ...offer, outcome: "full", reason: "unknown_key" },
      );
    }
  }
  await push(`${url}/v1/keys`, keys);
  await push(`${url}/v1/handshakes`, handshakes);
}

/** Tells hours [from, to) of the day; `now` is moved along. */
export async function tellHours(
  url: string,
  at: { readonly startMs: number; readonly fromHour: number; readonly toHour: number },
  now: (ms: number) => void,
): Promise<void> {
  for (let ms = at.startMs + at.fromHour * HOUR; ms < at.startMs + at.toHour * HOUR; ms += STEP_MS) {
    now(ms + MINUTE);
    await tellStep(url, at.startMs, ms);
  }
}

/** Announces a rotation as a pipeline does. */
export const announce = (url: string, id: string, ts: number) =>
  push(`${url}/v1/changes`, [{ id, ts, kind: "key_rotation", title: `Rotate ${id}`, endpoint: "shop" }]);
