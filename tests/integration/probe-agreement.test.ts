import { execFileSync, spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Round } from "../../collector/probe/round.ts";
import { judgeAgreement } from "../../lib/domain/agreement.ts";
import { matrixOf, ProbeLab, probeOf, roundOf, specOf, ticketKey } from "../support/probe-lab.ts";
import { hasProgram } from "../support/process.ts";

let lab: ProbeLab;
beforeEach(async () => {
  lab = await ProbeLab.start();
});
afterEach(() => lab.destroy());

const missing = (...names: string[]): boolean => names.some((name) => !hasProgram(name));
const BOTH = "ssl_protocols TLSv1.2 TLSv1.3;";
const keyed = (file: string): string => `${BOTH} ssl_session_ticket_key ${lab.path(file)};`;

/** What the console would say of a round, for one mechanism. */
function verdict({ agreements }: Round, mechanism: string) {
  return judgeAgreement(
    agreements
      .filter((one) => one.mechanism === mechanism && one.accepted !== null)
      .map(({ fromNode: from, toNode: to, accepted }) => ({
        from,
        to,
        accepted: accepted ? 1 : 0,
        offered: 1,
      })),
  );
}

describe.skipIf(missing("nginx", "haproxy"))("agreement between real nodes", () => {
  it("shared keys: everything agrees; ids, which nobody shares, do not", async () => {
    await lab.write("a.key", ticketKey());
    const nodes = [];
    for (const name of ["a", "b", "c"])
      nodes.push(await lab.nginx(name, `${keyed("a.key")} ssl_session_cache shared:S:1m;`));
    const round = await roundOf(specOf(nodes));
    const names = ["a", "b", "c"];
    expect(matrixOf(round, "psk", names)).toEqual(["111", "111", "111"]);
    expect(matrixOf(round, "ticket", names)).toEqual(["111", "111", "111"]);
    expect(matrixOf(round, "session_id", names)).toEqual(["100", "010", "001"]);
    expect(round.agreements.find((one) => one.mechanism === "session_id" && !one.accepted)?.reason).toBe(
      "cache_miss",
    );
    expect(verdict(round, "psk").kind).toBe("agree");
    expect(verdict(round, "session_id").kind).toBe("unshared");
    expect(new Set(round.keys.map(({ keyName }) => keyName)).size).toBe(1);
    expect(new Set(round.keys.map(({ use }) => use))).toEqual(new Set(["issued", "accepted"]));
  });

  it("keys of one's own on each node: nothing agrees, by unknown keys", async () => {
    const nodes = [
      await lab.nginx("a", BOTH),
      await lab.nginx("b", BOTH),
      await lab.haproxy("c", "ssl-min-ver TLSv1.2"),
    ];
    const round = await roundOf(specOf(nodes));
    expect(matrixOf(round, "psk", ["a", "b", "c"])).toEqual(["100", "010", "001"]);
    const refused = round.agreements.filter((one) => one.mechanism === "ticket" && one.accepted === false);
    expect(refused.map(({ reason }) => reason)).toEqual(Array(6).fill("unknown_key"));
    expect(verdict(round, "ticket").sentence).toContain("No node resumes what another issued");
  });

  it("one stale node among four of two products is named", async () => {
    const [shared, stale] = [ticketKey(), ticketKey()];
    await lab.write("shared.key", shared);
    await lab.write("stale.key", stale);
    // HAProxy wants three keys, and encrypts with the last but one.
    const lines = [ticketKey(), shared, ticketKey()].map((key) => key.toString("base64"));
    await lab.write("shared.b64", `${lines.join("\n")}\n`);
    const nodes = [
      ...[await lab.nginx("edge-1", keyed("shared.key")), await lab.nginx("edge-2", keyed("stale.key"))],
      ...[await lab.nginx("edge-3", keyed("shared.key"))],
      await lab.haproxy("edge-4", `ssl-min-ver TLSv1.2 tls-ticket-keys ${lab.path("shared.b64")}`),
    ];
    const round = await roundOf(specOf(nodes));
    // The names agree between the products; whether their sessions do is another matter (their session id contexts).
    expect(probeOf(round, "edge-4").mechanisms.psk.keyNames).toEqual(
      probeOf(round, "edge-1").mechanisms.psk.keyNames,
    );
    const nginxOnly = {
      ...round,
      agreements: round.agreements.filter((one) => one.fromNode !== "edge-4" && one.toNode !== "edge-4"),
    };
    expect(verdict(nginxOnly, "psk").misfits).toEqual([{ node: "edge-2", refuses: "all", refused: "all" }]);
    expect(verdict(nginxOnly, "psk").sentence).toBe(
      "edge-2 accepts nobody's sessions and nobody accepts its.",
    );
  });

  it("a rotation on some nodes in the middle: the late node lacks the new key, while its own still works", async () => {
    await lab.write("old.key", ticketKey());
    const nodes = [];
    for (const name of ["a", "b", "c"]) nodes.push(await lab.nginx(name, keyed("old.key")));
    const before = await roundOf(specOf(nodes));
    expect(verdict(before, "psk").kind).toBe("agree");
    await lab.write("new.key", ticketKey());
    const rotated = `${BOTH} ssl_session_ticket_key ${lab.path("new.key")}; ssl_session_ticket_key ${lab.path("old.key")};`;
    for (const node of nodes.slice(0, 2)) {
      await node.running.stop();
      await lab.nginx(node.name, rotated, Number(node.address.split(":")[1]));
    }
    const after = await roundOf(specOf(nodes), { round: 1 });
    expect(matrixOf(after, "psk", ["a", "b", "c"])).toEqual(["110", "110", "111"]);
    const told = verdict(after, "psk");
    expect(told.misfits).toEqual([{ node: "c", refuses: "all", refused: "none" }]);
    expect(told.sentence).toBe("c accepts nobody's sessions, but its own are accepted everywhere.");
    // The rotation shows in the keys: a new name is issued by a and b, the old one by c and still accepted.
    const issued = (round: Round, node: string) =>
      round.keys.find((key) => key.node === node && key.use === "issued")?.keyName;
    expect(issued(after, "a")).not.toBe(issued(before, "a"));
    expect(issued(after, "c")).toBe(issued(before, "c"));
    expect(after.keys).toContainEqual(
      expect.objectContaining({ node: "a", use: "accepted", keyName: issued(before, "c") }),
    );
    expect(after.keys).toContainEqual(
      expect.objectContaining({ node: "c", use: "refused", keyName: issued(after, "a") }),
    );
  });

  it("a node that is down is not told to refuse", async () => {
    await lab.write("a.key", ticketKey());
    const nodes = [await lab.nginx("a", keyed("a.key")), await lab.nginx("b", keyed("a.key"))];
    await nodes[1]?.running.stop();
    const round = await roundOf(specOf(nodes));
    expect(probeOf(round, "b").failure).toEqual({ problem: "refused", detail: "connection refused" });
    expect(matrixOf(round, "psk", ["a", "b"])).toEqual(["1.", ".."]);
    expect(round.agreements).toContainEqual(
      expect.objectContaining({
        fromNode: "a",
        toNode: "b",
        accepted: null,
        reason: "b: connection refused",
      }),
    );
  });

  it("a pool of six in parts: every pair has its turn", async () => {
    await lab.write("a.key", ticketKey());
    const nodes = [];
    for (const name of ["a", "b", "c", "d", "e", "f"])
      nodes.push(
        await lab.nginx(name, `ssl_protocols TLSv1.3; ssl_session_ticket_key ${lab.path("a.key")};`),
      );
    const spec = specOf(nodes, { protocols: ["TLSv1.3"], nodesPerRound: 3, pairsPerRound: 10 });
    const pairs = new Set<string>();
    const seen = new Set<string>();
    for (const number of [0, 1, 2]) {
      const round = await roundOf(spec, { round: number });
      expect(round.nodes).toHaveLength(3);
      for (const { node } of round.nodes) seen.add(node);
      for (const { fromNode, toNode, accepted } of round.agreements)
        if (fromNode !== toNode) {
          expect(accepted).toBe(true);
          pairs.add(`${fromNode} ${toNode}`);
        }
    }
    expect(seen.size).toBe(6);
    expect(pairs.size).toBe(30);
  });
});

const NAMESPACE = "reprise-probe-t";
const ip = (...words: string[]) => spawnSync("ip", words, { stdio: "ignore" }).status === 0;
/** Whether network namespaces may be made here; the reason otherwise. */
function namespaceProblem(): string | null {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  if (missing("ip", "nginx")) return "ip or nginx is missing";
  if (!ip("netns", "add", `${NAMESPACE}0`)) return "network namespaces are not permitted here";
  const paired = ip("link", "add", "rprb-x", "type", "veth", "peer", "name", "rprb-y");
  if (paired) ip("link", "del", "rprb-x");
  ip("netns", "del", `${NAMESPACE}0`);
  return paired ? null : "pairs of virtual interfaces are not permitted here";
}

const problem = namespaceProblem();
describe.skipIf(problem !== null)(
  `a partition between network namespaces${problem ? `: skipped, ${problem}` : ""}`,
  () => {
    afterEach(() => {
      ip("netns", "del", NAMESPACE);
      ip("link", "del", "rprb0");
    });

    it("is told as a node out of reach, not as keys that disagree, and heals", async () => {
      const run = (...words: string[]) => execFileSync("ip", words, { stdio: "pipe" });
      run("netns", "add", NAMESPACE);
      run("link", "add", "rprb0", "type", "veth", "peer", "name", "rprb1");
      run("link", "set", "rprb1", "netns", NAMESPACE);
      run("addr", "add", "10.213.77.1/30", "dev", "rprb0");
      run("link", "set", "rprb0", "up");
      run("netns", "exec", NAMESPACE, "ip", "addr", "add", "10.213.77.2/30", "dev", "rprb1");
      run("netns", "exec", NAMESPACE, "ip", "link", "set", "rprb1", "up");
      run("netns", "exec", NAMESPACE, "ip", "link", "set", "lo", "up");
      await lab.write("a.key", ticketKey());
      const near = await lab.nginx("near", keyed("a.key"));
      const far = await lab.nginxWithin(NAMESPACE, "far", {
        address: "10.213.77.2",
        directives: keyed("a.key"),
      });
      const spec = specOf([near, far], { timeoutMs: 2_000 });
      expect(matrixOf(await roundOf(spec), "psk", ["near", "far"])).toEqual(["11", "11"]);
      // The far end goes: without the near one, the packets would take whatever other way this machine has.
      run("netns", "exec", NAMESPACE, "ip", "link", "set", "rprb1", "down");
      const parted = await roundOf(spec);
      expect(["timeout", "unreachable"]).toContain(probeOf(parted, "far").failure?.problem);
      expect(matrixOf(parted, "psk", ["near", "far"])).toEqual(["1.", ".."]);
      run("netns", "exec", NAMESPACE, "ip", "link", "set", "rprb1", "up");
      expect(matrixOf(await roundOf(spec), "psk", ["near", "far"])).toEqual(["11", "11"]);
    });
  },
);
