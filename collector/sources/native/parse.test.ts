import fc from "fast-check";
import { expect, it } from "vitest";
import { EARLY_DATA, MECHANISMS, OFFERS, OUTCOMES, PROTOCOLS } from "../../../lib/domain/vocabulary.ts";
import { parseByContract, parseWireHandshake } from "./parse.ts";

/** A value that is mostly right, sometimes wrong, sometimes absent. */
const or = <T>(good: fc.Arbitrary<T>) =>
  fc.oneof(
    { weight: 6, arbitrary: good },
    { weight: 1, arbitrary: fc.constantFrom(null, undefined, "", 0, -1, 1.5, "x".repeat(300), true, {}, []) },
  );
const wire = fc.record({
  ts: or(fc.oneof(fc.integer({ min: 0 }), fc.constant("2026-11-24T10:00:00Z"))),
  outcome: or(fc.constantFrom(...OUTCOMES)),
  endpoint: or(fc.string()),
  family: or(fc.string()),
  userAgent: or(fc.constant("curl/8")),
  protocol: or(fc.constantFrom(...PROTOCOLS)),
  offer: or(fc.constantFrom(...OFFERS)),
  mechanism: or(fc.constantFrom(...MECHANISMS)),
  earlyData: or(fc.constantFrom(...EARLY_DATA)),
  handshakeUs: or(fc.nat()),
  count: or(fc.integer({ min: 1, max: 9 })),
  ticketId: or(fc.string()),
});

it("the quick path and the contract always say the same", () => {
  fc.assert(
    fc.property(
      fc.oneof({ weight: 5, arbitrary: wire }, { weight: 1, arbitrary: fc.anything() }),
      (value) => {
        expect(parseWireHandshake(value)).toEqual(parseByContract(value));
      },
    ),
    { numRuns: 5_000 },
  );
});
