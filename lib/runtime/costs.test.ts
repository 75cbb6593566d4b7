import { expect, it } from "vitest";
import { DEFAULT_COSTS, savedUs } from "../domain/cost.ts";
import { loadCosts, parseCosts } from "./costs.ts";

const shop = { endpoint: "shop.example", protocol: "TLSv1.2" } as const;
const TABLE = `
scrape: []
costs:
  endpoints: { shop.example: rsa_4096 }
  cpuUs:
    rsa_4096:
      TLSv1.2: { full: 4200, resumed: 190 }
      TLSv1.3: { full: 4300, resumed: 390 }
`;

it("adds certificate types to the defaults and says which endpoint serves which", () => {
  const table = parseCosts(TABLE, "reprise.yaml");
  expect(savedUs(shop, table)).toBe(4_010);
  expect(savedUs({ ...shop, endpoint: "other" }, table)).toBe(253);
  expect(table.cpuUs.rsa_2048).toEqual(DEFAULT_COSTS.cpuUs.rsa_2048);
});

it("is the default where nothing is said", () => {
  expect(loadCosts("")).toBe(DEFAULT_COSTS);
  expect(parseCosts("scrape: []", "reprise.yaml")).toBe(DEFAULT_COSTS);
  expect(parseCosts("", "reprise.yaml")).toBe(DEFAULT_COSTS);
});

it("says file, line and field of what cannot be used", () => {
  const wrong = (text: string) => () => parseCosts(text, "reprise.yaml");
  expect(wrong("costs:\n  certificate: dsa")).toThrow("reprise.yaml:2: costs.certificate: dsa has no costs");
  expect(wrong("costs:\n  endpoints: { a: rsa_9 }")).toThrow(
    "costs.endpoints.a: rsa_9 has no costs in cpuUs",
  );
  expect(
    wrong(
      "costs:\n  cpuUs:\n    x:\n      TLSv1.2: { full: 1, resumed: 2 }\n      TLSv1.3: { full: 2, resumed: 1 }",
    ),
  ).toThrow("reprise.yaml:4: costs.cpuUs.x.TLSv1.2: a full handshake cannot cost less");
  expect(wrong("costs:\n  cheap: yes")).toThrow("reprise.yaml:2: costs:");
  expect(() => loadCosts("no/such/file.yaml")).toThrow("does not exist");
});
