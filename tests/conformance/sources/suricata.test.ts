import { describe, expect, it } from "vitest";
import { suricataSource } from "../../../collector/sources/suricata/source.ts";
import { decodeAll, handshake, IRRELEVANT, writtenLines } from "./lines.ts";

const PLACE = { node: "10.0.0.1", endpoint: "www.example.test", client: "10.0.0.5" } as const;

describe("Suricata", () => {
  it("resumed up to TLS 1.2 where it says so, full where a certificate proves it, and blind to TLS 1.3", () => {
    expect(decodeAll(suricataSource, writtenLines("suricata.log"))).toEqual([
      handshake("2026-01-05T10:00:00.123Z", { ...PLACE, protocol: "TLSv1.2", outcome: "resumed" }),
      handshake("2026-01-05T10:00:01.000Z", { ...PLACE, protocol: "TLSv1.2", outcome: "full" }),
      handshake("2026-01-05T10:00:01.500Z", { ...PLACE, protocol: "TLSv1.2", outcome: null }),
      handshake("2026-01-05T10:00:02.000Z", { ...PLACE, protocol: "TLSv1.3", outcome: null }),
      // An echoed session id of the compatibility mode.
      handshake("2026-01-05T10:00:03.000Z", { ...PLACE, protocol: "TLSv1.3", outcome: null }),
      handshake("2026-01-05T10:00:04.000Z", {
        ...PLACE,
        endpoint: "given",
        protocol: "TLSv1",
        outcome: "full",
      }),
      // Without extended there is neither version nor name.
      handshake("2026-01-05T10:00:05.000Z", { ...PLACE, endpoint: "given", outcome: "resumed" }),
      // No ServerHello, so no completed handshake; and an event of another kind.
      IRRELEVANT,
      IRRELEVANT,
    ]);
  });

  it("says in its capability row that it cannot see TLS 1.3", () => {
    expect(suricataSource.capabilities).toMatchObject({ outcome: "partly", mechanism: "no", offer: "no" });
    expect(suricataSource.capabilities.notes.join(" ")).toContain("Blind to TLS 1.3");
  });

  it("refuses what it cannot read", () => {
    const event = (timestamp: string, tls: string) =>
      `{"timestamp":"${timestamp}","event_type":"tls","tls":${tls}}`;
    const results = decodeAll(suricataSource, [
      "{",
      event("yesterday", "{}"),
      event("2026-01-05T10:00:00.000000+0000", "null"),
      event("2026-01-05T10:00:00.000000+0000", '{"version":"TLS 1.3 draft-28"}'),
      event("2026-01-05T10:00:00.000000+0000", '{"version":"toString"}'),
    ]);
    expect(results.map(({ kind }) => kind)).toEqual(Array(5).fill("refused"));
  });
});
