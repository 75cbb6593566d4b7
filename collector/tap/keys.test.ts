import { expect, it } from "vitest";
import { EarlyDataWatch } from "./early-data.ts";
import { KeyMemory } from "./keys.ts";

const SECOND = 1e6;
const offer = (ticket: string, keyName: string | null, atS: number, isAccepted = false) => ({
  ...{ server: "a", ticket, keyName, isAccepted, atUs: atS * SECOND },
});
const issue = (keyName: string | null, atS: number, lifetimeS: number | null = 300) => ({
  ...{ keyName, atUs: atS * SECOND, lifetimeS },
});

it("calls a refused ticket expired only beyond the lifetime that was announced with it", () => {
  const memory = new KeyMemory();
  memory.issued("a", "t1", issue("k1", 0));
  expect(memory.offered(offer("t1", "k1", 299))).toBeNull();
  expect(memory.offered(offer("t1", "k1", 302))).toBe("expired");
  memory.issued("a", "t2", issue("k1", 0, null));
  expect(memory.offered(offer("t2", "k1", 9_000))).toBeNull();
  expect(memory.ageS("t1", 61.9 * SECOND)).toBe(61);
  expect(memory.ageS("unseen", 61 * SECOND)).toBeNull();
});

it("calls a key unknown once the server works with another, if age cannot be the cause", () => {
  const memory = new KeyMemory();
  memory.issued("a", "t1", issue("k1", 0));
  // Refused while nothing newer is known: anything may be the cause.
  expect(memory.offered(offer("t1", "k1", 10))).toBeNull();
  memory.issued("a", "t2", issue("k2", 20));
  expect(memory.offered(offer("t1", "k1", 30))).toBe("unknown_key");
  // Another server knows nothing of it.
  expect(memory.offered({ ...offer("t1", "k1", 30), server: "b" })).toBeNull();
  // The old key is still accepted: it was kept, and this one was refused for another reason.
  expect(memory.offered(offer("t3", "k1", 40, true))).toBeNull();
  expect(memory.offered(offer("t1", "k1", 50))).toBeNull();
});

it("without known ages needs three different tickets, refused with none accepted in between", () => {
  const memory = new KeyMemory();
  memory.offered(offer("x", "k2", 0, true));
  const refused = (ticket: string, atS: number) => memory.offered(offer(ticket, "k1", atS));
  expect([refused("t1", 1), refused("t2", 2), refused("t2", 3), refused("t3", 4)]).toEqual([
    ...[null, null, null, "unknown_key"],
  ]);
  memory.offered(offer("t4", "k1", 5, true));
  expect(refused("t5", 6)).toBeNull();
});

it("tells early data by the records of the client, and leaves it unknown where they do not fit", () => {
  const verdict = (lengths: readonly number[], cipher = 0x1301): [boolean, string | null] => {
    const watch = new EarlyDataWatch();
    watch.begin(cipher);
    const over = lengths.map((length) => watch.take(length));
    return [over.at(-1) === true, watch.verdict];
  };
  expect(verdict([21, 53])).toEqual([true, "accepted"]);
  expect(verdict([21, 69], 0x1302)).toEqual([true, "accepted"]);
  expect(verdict([13, 45], 0x1305)).toEqual([true, "accepted"]);
  expect(verdict([53])).toEqual([true, "rejected"]);
  expect(verdict([400, 21, 53])).toEqual([true, null]);
  expect(verdict([21, 400])).toEqual([true, null]);
  expect(verdict([400])).toEqual([false, null]);
});
