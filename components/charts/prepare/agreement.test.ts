import { expect, it } from "vitest";
import { prepareAgreement } from "./agreement.ts";

const pair = (from: string, to: string, accepted: number, offered: number, reason: string | null = null) => ({
  from,
  to,
  accepted,
  offered,
  reason,
});

it("puts misfits first and tells agreement, refusal and what nobody tried apart", () => {
  const model = prepareAgreement(
    [
      pair("a", "b", 99, 100),
      pair("b", "a", 0, 1, "full handshake"),
      pair("c", "a", 0, 0, "unreachable"),
      pair("a", "a", 1, 1),
    ],
    ["b"],
  );
  expect(model.nodes).toEqual([
    { name: "b", misfit: true },
    { name: "a", misfit: false },
    { name: "c", misfit: false },
  ]);
  expect(model.cells[0]?.[1]).toEqual({
    verdict: "refuses",
    share: null,
    own: false,
    text: "of b at a: full handshake",
  });
  expect(model.cells[1]?.[0]).toMatchObject({
    verdict: "agrees",
    share: 0.99,
    text: "of a at b, 99.0 % (99 of 100)",
  });
  expect(model.cells[1]?.[1]).toMatchObject({ own: true, verdict: "agrees" });
  expect(model.cells[2]?.[1]).toMatchObject({ verdict: "unknown", text: "of c at a: unreachable" });
  expect(model.cells[2]?.[0]).toBeNull();
  expect(model.table.rows).toHaveLength(4);
});

it("draws forty nodes at most and says how many are left", () => {
  const pairs = Array.from({ length: 50 }, (_, i) => pair("x", `n${i}`, 1, 1));
  const model = prepareAgreement(pairs, []);
  expect([model.nodes.length, model.left]).toEqual([40, 11]);
});
