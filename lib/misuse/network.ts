import { hashText } from "./hash.ts";

/**
 * The network of a client as a keyed 32-bit number: the /24 of an IPv4 address, the /48 of an IPv6 one. A client that
 * is no address (a name, a number that the source made) is a network of its own. Null where the client is not known.
 */
export function networkOf(client: string | null, seed: number): number | null {
  if (client === null || client === "") return null;
  const colon = client.indexOf(":");
  // IPv4, also with a port; the third point ends the /24.
  const dots = thirdDot(client, 0);
  if (dots > 0 && (colon < 0 || colon > dots)) return hashText(client, seed, 0, dots);
  if (colon < 0) return hashText(client, seed ^ 1);
  const mapped = /^\[?::ffff:(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\]?/i.exec(client)?.[1];
  if (mapped) return hashText(mapped, seed);
  return hashText(prefix48(client), seed ^ 2);
}

function thirdDot(text: string, from: number): number {
  let at = from - 1;
  for (let n = 0; n < 3; n += 1) {
    at = text.indexOf(".", at + 1);
    if (at < 0 || at > 15) return -1;
  }
  return at;
}

/** First three groups, without leading zeros; a "::" among them stands for zeros up to the end of the /48. */
function prefix48(address: string): string {
  const [left = ""] = address.replace(/^\[/, "").toLowerCase().split("::", 1);
  const groups = left.split(":", 4).slice(0, 3);
  return [0, 1, 2].map((i) => (groups[i] ?? "").replace(/^0+(?=.)/, "") || "0").join(":");
}
