import { describe, expect, it } from "vitest";
import { hashTokenSecret, isTokenSecret, makeToken, parseToken } from "./token-secret.ts";

describe("tokens", () => {
  it("are read back as they were made, and differ", () => {
    const made = Array.from({ length: 200 }, makeToken);
    expect(new Set(made.map(({ secret }) => secret)).size).toBe(200);
    for (const { id, secret, text } of made) expect(parseToken(text)).toEqual({ id, secret });
  });

  it.each([
    "",
    "rpr_",
    "rpr_a_b",
    `${makeToken().text} `,
    `${makeToken().text}x`,
    makeToken().text.slice(0, -1),
  ])("%j is none", (text) => {
    expect(parseToken(text)).toBe(null);
  });

  it("are the ones of their hash only", () => {
    const { secret } = makeToken();
    const kept = hashTokenSecret(secret);
    expect(kept).not.toContain(secret);
    expect(isTokenSecret(secret, kept)).toBe(true);
    expect(isTokenSecret(makeToken().secret, kept)).toBe(false);
    expect(isTokenSecret("", null)).toBe(false);
    expect(isTokenSecret(secret, null)).toBe(false);
  });

  // Medians over interleaved rounds: what differs is where the first wrong character stands, or whether the id is known.
  it("take as long to refuse wherever they are wrong", () => {
    const { secret } = makeToken();
    const kept = hashTokenSecret(secret);
    const cases: [string, string | null][] = [
      [secret, kept],
      [`${secret.slice(0, -1)}!`, kept],
      [`!${secret.slice(1)}`, kept],
      [secret, null],
    ];
    const times = cases.map(() => [] as number[]);
    for (let round = 0; round < 300; round += 1)
      cases.forEach(([shown, hash], index) => {
        const beganMs = performance.now();
        for (let turn = 0; turn < 20; turn += 1) isTokenSecret(shown, hash);
        times[index]?.push(performance.now() - beganMs);
      });
    const medians = times.map((all) => all.sort((a, b) => a - b)[150] ?? 0);
    expect(Math.max(...medians)).toBeLessThan(2 * Math.min(...medians));
  });
});
