import { mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadSecret, Seal } from "./secret.ts";

it("makes a secret once, for its owner only", () => {
  const folder = mkdtempSync(join(tmpdir(), "reprise-secret-"));
  const secret = loadSecret(folder);
  expect(secret).toHaveLength(32);
  expect(loadSecret(folder).equals(secret)).toBe(true);
  expect(statSync(join(folder, "secret")).mode & 0o777).toBe(0o600);
});

it("opens what it sealed, for the same place only, and nothing that was touched", () => {
  const seal = new Seal(Buffer.alloc(32, 7));
  const value = { url: "https://hooks.example/1", secret: "s3cret" };
  const sealed = seal.seal("receiver:pager", value);
  expect(Buffer.from(sealed).includes("s3cret")).toBe(false);
  expect(seal.open("receiver:pager", sealed)).toEqual(value);
  expect(seal.open("receiver:other", sealed)).toBeNull();
  expect(new Seal(Buffer.alloc(32, 8)).open("receiver:pager", sealed)).toBeNull();
  for (let at = 0; at < sealed.length; at += 1) {
    const touched = Uint8Array.from(sealed, (byte, i) => (i === at ? byte ^ 1 : byte));
    expect(seal.open("receiver:pager", touched), String(at)).toBeNull();
  }
  expect(seal.open("receiver:pager", sealed.slice(0, 20))).toBeNull();
  expect(seal.seal("receiver:pager", value)).not.toEqual(sealed);
});
