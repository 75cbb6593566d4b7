import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SOURCES } from "../../../collector/sources/registry.ts";

const DEFAULTS = { endpoint: "e", node: "n", region: "r", live: true };
const EXAMPLES = [
  "nginx/access.json.log",
  "nginx/access.kv.log",
  "nginx/error.log",
  "caddy/access.log",
  "nghttpx/access.log",
  "nghttpx/error-info.log",
  "hitch/hitch.log",
  "stunnel/stunnel.log",
].map((file) =>
  gunzipSync(readFileSync(`tests/fixtures/recordings/${file}.gz`))
    .toString()
    .split("\n")
    .slice(0, 50),
);
const NOW = Date.UTC(2026, 10, 24);

describe.each(SOURCES.map((source) => [source.name, source] as const))("%s", (_name, source) => {
  it("describes itself: capabilities, notes and a configuration to paste", () => {
    expect(source.configurations.length).toBeGreaterThan(0);
    for (const { title, text } of source.configurations)
      expect(title.length * text.length).toBeGreaterThan(0);
    expect(source.capabilities.notes.length).toBeGreaterThan(0);
    expect(source.name).toMatch(/^[a-z0-9-]+$/);
  });

  it("never throws, and refuses with a reason, whatever comes", () => {
    const decoder = source.decoder(DEFAULTS);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: "binary" })), (line) => {
        const decoded = decoder.decode(line, NOW);
        if (decoded.kind === "refused") expect(decoded.reason).not.toBe("");
        if (decoded.kind === "handshake") expect(Number.isFinite(decoded.handshake.atMs)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("never throws on real lines that were damaged", () => {
    const decoder = source.decoder(DEFAULTS);
    const line = fc.constantFrom(...EXAMPLES.flat());
    fc.assert(
      fc.property(line, fc.nat(800), fc.string({ maxLength: 5 }), (text, at, junk) => {
        const decoded = decoder.decode(text.slice(0, at) + junk + text.slice(at + 1), NOW);
        expect(["handshake", "change", "cache", "key", "ignored", "refused"]).toContain(decoded.kind);
      }),
      { numRuns: 1_000 },
    );
  });
});

it.each(["hitch", "stunnel"])("the way to send a file of %s dates its lines by their own times", (name) => {
  const source = SOURCES.find((one) => one.name === name);
  const text = source?.configurations.find(({ title }) => title === "Send a file's lines")?.text ?? "";
  const query = new URL(/'([^']*)'/.exec(text)?.[1]?.replace("{{collector}}", "http://127.0.0.1") ?? "");
  const live = query.searchParams.get("history") !== "complete";
  const decoder = source?.decoder({ ...DEFAULTS, live });
  const lines = EXAMPLES.flat().filter((line) => source?.recognises(line));
  const times = lines.flatMap((line) => {
    const decoded = decoder?.decode(line, NOW);
    return decoded?.kind === "handshake" ? [decoded.handshake.atMs] : [];
  });
  expect(times).not.toEqual([]);
  expect(times).not.toContain(NOW);
});
