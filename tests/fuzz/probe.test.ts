import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { decodeSession, keyNamesOf, pemOf } from "../../collector/probe/session.ts";
import { fuzz } from "./fuzz.ts";

const seeds = readFileSync("tests/fuzz/seeds/sessions.txt", "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => Buffer.from(line, "base64"));

/** Sessions hold what a server sent: its ticket, its certificate, its lifetimes. */
fuzz({
  name: "probe-session",
  kind: "bytes",
  seeds,
  start: () => (input) => {
    const session = decodeSession(input);
    if (session === null) return;
    const { serialised, ticket, lifetimeHintS, maxEarlyDataBytes } = session;
    expect(serialised.length).toBeLessThanOrEqual(input.length);
    if (ticket !== null) expect(ticket.length).toBeGreaterThan(0);
    if (lifetimeHintS !== null) expect(lifetimeHintS).toBeGreaterThan(0);
    expect(maxEarlyDataBytes).toBeGreaterThanOrEqual(0);
    expect(pemOf(session)).toContain("SESSION PARAMETERS");
    if (ticket) expect(keyNamesOf([ticket])).toEqual([]);
  },
});
