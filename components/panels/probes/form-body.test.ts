import { expect, it } from "vitest";
import { probeTargetBody } from "@/lib/contract/probe.ts";
import { bodyOfForm, nodesOfText, nodesText } from "./form-body.ts";

it("reads nodes by lines, and writes them back the same", () => {
  const text = "edge 1 10.0.0.1:443\n\n  [fd00::1]:8443  \nedge-2\t10.0.0.2:443";
  const [first, second] = nodesOfText(text);
  expect(first).toEqual({ name: "edge 1", address: "10.0.0.1:443" });
  expect(second).toEqual({ name: "[fd00::1]:8443", address: "[fd00::1]:8443" });
  expect(nodesOfText(nodesText(nodesOfText(text)))).toEqual(nodesOfText(text));
});

it("says what the contract takes", () => {
  const form = new FormData();
  const fields = {
    ...{
      endpoint: " shop.example ",
      nodes: "a 10.0.0.1:443",
      alpn: "h2, http/1.1",
      interval: "60",
      timeout: "2.5",
    },
    ...{
      handshakesPerMinute: "30",
      pairsPerRound: "10",
      "TLSv1.3": "on",
      serverName: "",
      otherServerName: "pay.example",
    },
  };
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  const body = probeTargetBody.parse(bodyOfForm(form, true));
  expect(body).toMatchObject({
    ...{
      endpoint: "shop.example",
      paused: true,
      alpn: ["h2", "http/1.1"],
      intervalMs: 60_000,
      timeoutMs: 2_500,
    },
    ...{ protocols: ["TLSv1.3"], tryOldProtocols: false, otherServerName: "pay.example" },
  });
  expect(body.serverName).toBeUndefined();
});

it("leaves what is wrong to the contract, which names it", () => {
  const form = new FormData();
  form.set("nodes", "no-port");
  const { success, error } = probeTargetBody.safeParse(bodyOfForm(form, false));
  expect(success).toBe(false);
  expect(error?.issues.map(({ path }) => path.join("."))).toContain("nodes.0.address");
});
