/** What every engine has to do with source tokens (lib/store/port-tokens.ts). */
import { describe, expect, it } from "vitest";
import type { SourceToken } from "../../../lib/domain/source-token.ts";
import type { WriteStore } from "../../../lib/store/port.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 34, 56, 789);
const token = (part: Partial<SourceToken> = {}): SourceToken => ({
  id: "t1",
  tenant: 1,
  name: "edge",
  scopes: ["handshakes", "changes"],
  endpoints: null,
  nodes: ["edge-*"],
  secretHash: "aa".repeat(32),
  createdMs: NOW,
  createdBy: "ann",
  expiresMs: null,
  lastUsedMs: null,
  revokedMs: null,
  revokedBy: null,
  successorId: null,
  ...part,
});

/** Scenarios of source tokens; `reopen` opens the store again, as after a restart. */
export function tokenConformance(opened: () => { store: WriteStore; reopen(): Promise<WriteStore> }): void {
  it("are kept as they were made, by tenant", async () => {
    const { store, reopen } = opened();
    await store.tokens.createToken(1, token());
    await store.tokens.createToken(2, token({ id: "t2", tenant: 2, createdMs: NOW + 1, expiresMs: NOW + 5 }));
    const { tokens } = await reopen();
    expect(await tokens.readTokens(1)).toEqual([token()]);
    expect((await tokens.readTokens(2)).map(({ id }) => id)).toEqual(["t2"]);
    expect((await tokens.readTokensOfAll()).map(({ id }) => id).sort()).toEqual(["t1", "t2"]);
    await expect(tokens.createToken(1, token())).rejects.toMatchObject({ name: "WorldError" });
  });

  it("are revoked once, and only by their own tenant", async () => {
    const { tokens } = opened().store;
    await tokens.createToken(1, token());
    const act = { id: "t1", nowMs: NOW + 1, by: "bob" };
    expect(await tokens.revokeToken(2, act)).toBe(false);
    expect(await tokens.revokeToken(1, act)).toBe(true);
    expect(await tokens.revokeToken(1, { ...act, by: "eve" })).toBe(false);
    expect(await tokens.readTokensOfAll()).toEqual([]);
    expect(await tokens.readTokens(1)).toMatchObject([{ revokedMs: NOW + 1, revokedBy: "bob" }]);
  });

  it("are rotated once: the old one ends when it is told to, never later than it would have", async () => {
    const { tokens } = opened().store;
    await tokens.createToken(1, token({ expiresMs: NOW + 10 }));
    const successor = token({ id: "t2", createdMs: NOW + 1 });
    const act = { id: "t1", untilMs: NOW + 99, successor };
    expect(await tokens.rotateToken(2, act)).toBe(false);
    expect(await tokens.rotateToken(1, act)).toBe(true);
    expect(await tokens.rotateToken(1, { ...act, successor: token({ id: "t3" }) })).toBe(false);
    const kept = await tokens.readTokens(1);
    expect(kept).toEqual([successor, token({ expiresMs: NOW + 10, successorId: "t2" })]);
    expect(await tokens.rotateToken(1, { id: "t2", untilMs: NOW + 5, successor: token({ id: "t3" }) })).toBe(
      true,
    );
    expect((await tokens.readTokens(1)).find(({ id }) => id === "t2")).toMatchObject({ expiresMs: NOW + 5 });
  });

  describe("note when they were last used", () => {
    it("never going back", async () => {
      const { tokens } = opened().store;
      await tokens.createToken(1, token());
      await tokens.touchTokens(new Map());
      await tokens.touchTokens(
        new Map([
          ["t1", NOW + 7],
          ["nobody", NOW],
        ]),
      );
      await tokens.touchTokens(new Map([["t1", NOW + 6]]));
      expect(await tokens.readTokens(1)).toMatchObject([{ lastUsedMs: NOW + 7 }]);
    });
  });

  it("that people make, rotate and revoke are in the audit log, without a secret or its hash", async () => {
    const { store } = opened();
    const { tokens } = store.as({ actor: "ann", address: null });
    await tokens.createToken(1, token());
    const successor = token({ id: "t2", secretHash: "bb".repeat(32) });
    await tokens.rotateToken(1, { id: "t1", untilMs: NOW + 5, successor });
    await tokens.revokeToken(1, { id: "t1", nowMs: NOW + 1, by: "ann" });
    expect(await tokens.revokeToken(1, { id: "t1", nowMs: NOW + 2, by: "ann" })).toBe(false);
    const entries = await store.audit.readAudit(1, { fromMs: 0, toMs: NOW + 1e12, limit: 10 });
    expect(entries.map(({ action, targetId, actor }) => [action, targetId, actor])).toEqual([
      ["token.revoke", "t1", "ann"],
      ["token.rotate", "t1", "ann"],
      ["token.create", "t1", "ann"],
    ]);
    expect(JSON.parse(entries[2]?.after ?? "")).toMatchObject({
      scopes: ["handshakes", "changes"],
      nodes: ["edge-*"],
    });
    expect(JSON.parse(entries[1]?.after ?? "")).toMatchObject({ expiresMs: NOW + 5, successorId: "t2" });
    for (const hash of ["aa".repeat(32), "bb".repeat(32)])
      expect(JSON.stringify(entries)).not.toContain(hash);
  });

  it("belong to tenants that are found by name", async () => {
    const { tokens } = opened().store;
    expect(await tokens.findTenant("default")).toBe(1);
    expect(await tokens.findTenant("x' OR 1=1 --")).toBe(null);
  });
}
