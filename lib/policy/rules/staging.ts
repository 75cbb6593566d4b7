/** How rotations are done: H09, H10, H30. */
import { inWhole } from "../../domain/words.ts";
import type { KeyFacts, PolicyFacts } from "../facts.ts";
import { byNode, declared, inNodes, inSeconds, loadedKeys, nodeName, rotationsOf } from "../measures.ts";
import { defineRule, fail, notApplicable, pass, unknown } from "../rule.ts";

/** How many nodes are known to use keys here. */
const nodesOf = ({ keys }: KeyFacts): number => byNode(keys).size;

export const H09 = defineRule({
  id: "H09",
  title: "Rotation in two stages",
  severity: "medium",
  limits: {},
  clauses: [
    {
      reference: "HAProxy documentation, tls-ticket-keys",
      says: "The newest key only decrypts, the last but one encrypts: every node knows a key before any node uses it.",
    },
  ],
  why: "A node that issues under a key which others don't have yet makes tickets that they refuse, until the key has reached them (FM-06).",
  fix: [
    "Bring the next key to all nodes first, as one that only decrypts; promote it in a second step once all have told that they hold it.",
    "HAProxy: three keys in the file. nginx: the new key as the last ssl_session_ticket_key first, and as the first one with the next reload.",
  ],
  judge: (facts) => {
    if (!facts.keys) return unknown("No ticket key was seen.", ["keys"]);
    const keys = facts.keys.value;
    const found = facts.findings?.value.filter(({ kind }) => kind === "single_stage_rotation") ?? [];
    const rotations = rotationsOf(keys);
    const base = [{ label: "Rotations seen", value: inWhole(rotations.length) }];
    if (nodesOf(keys) < 2 && found.length === 0)
      return notApplicable("Only one node uses keys here.", { evidence: base });
    const late = rotations.flatMap(({ keyName, firstIssuedMs }) =>
      keys.keys
        .filter((key) => key.keyName === keyName && isLate(key, firstIssuedMs))
        .map((key) => nodeName(key.node)),
    );
    if (late.length > 0 || found.length > 0) {
      const nodes = [...new Set([...late, ...found.map(({ node }) => nodeName(node))])];
      return fail("Nodes refused a key that others already issued under, and took it later.", {
        evidence: [...base, { label: "Late", value: inNodes(nodes.length), nodes }],
      });
    }
    if (rotations.length === 0) return unknown("No rotation was seen yet.", ["keys"], { evidence: base });
    const shared = rotations.filter(({ keyName }) => new Set(takers(keys, keyName)).size > 1);
    return shared.length > 0
      ? pass("No node refused a key that another issued under.", {
          evidence: [...base, { label: "Keys taken by several nodes", value: inWhole(shared.length) }],
        })
      : unknown("No new key was offered to several nodes.", ["keys"], { evidence: base });
  },
});

/** A node that refused the key after others began with it, but knew it afterwards. */
function isLate(key: KeyFacts["keys"][number], beganMs: number): boolean {
  if (key.firstRefusedMs === null || key.firstRefusedMs < beganMs) return false;
  const knewMs = Math.max(key.lastAcceptedMs ?? 0, key.lastIssuedMs ?? 0);
  const first = Math.min(
    key.firstAcceptedMs ?? Number.POSITIVE_INFINITY,
    key.firstIssuedMs ?? Number.POSITIVE_INFINITY,
  );
  return knewMs > key.firstRefusedMs && first > key.firstRefusedMs;
}

const takers = (keys: KeyFacts, keyName: string): (string | null)[] =>
  keys.keys
    .filter((key) => key.keyName === keyName && (key.accepted > 0 || key.issued > 0))
    .map(({ node }) => node);

export const H10 = defineRule({
  id: "H10",
  title: "Room for next, current and previous key",
  severity: "low",
  limits: {
    slots: { label: "Fewest keys held", unit: "count", fallback: 3, min: 1, max: 100 },
  },
  clauses: [
    {
      reference: "HAProxy documentation, tls-ticket-keys",
      says: "At least three keys: one to come, one that encrypts, one that still decrypts.",
    },
  ],
  why: "With two keys a rotation either starts before all nodes have the key, or drops the previous key too early.",
  fix: ["HAProxy: three lines in the tls-ticket-keys file. nginx: three ssl_session_ticket_key lines."],
  judge: (facts, { slots }) => {
    const loaded = loadedKeys(facts);
    if (loaded) {
      const told = {
        evidence: [{ label: "Fewest keys held", value: inWhole(loaded.fewest), nodes: loaded.nodes }],
      };
      const sentence = `Nodes hold ${inWhole(loaded.fewest)} keys at least.`;
      return loaded.fewest >= slots ? pass(sentence, told) : fail(sentence, told);
    }
    const kept = facts.intent.retainedKeys;
    const told = { evidence: declared(facts, "retainedKeys") };
    if (kept === null) return unknown("How many keys nodes hold is not known.", ["keys", "declare"]);
    // The current key stands beside the old ones; whether a next one does is not declared.
    if (kept + 1 >= slots) return pass(`${kept + 1} keys are held by declaration.`, told);
    if (kept + 2 < slots) return fail(`${kept + 2} keys at most are held by declaration.`, told);
    return unknown("Whether a next key is brought beforehand is not known.", ["keys"], told);
  },
});

export const H30 = defineRule({
  id: "H30",
  title: "Every rotation is on record",
  severity: "medium",
  limits: {
    toleranceS: { label: "Between record and first use", unit: "s", fallback: 900, min: 1, max: 86_400 },
  },
  clauses: [
    {
      reference: "Operational",
      says: "For each change of key: who, which key (by a hash of its name), from when to when, which nodes took it, and the proof that it was destroyed.",
    },
  ],
  why: "A key that began without a record was changed by accident (a reload, a restart) or by somebody who should not have. Without the record there is no proof that old sessions are safe.",
  fix: [
    'Let the rotation job push "promoted" and "destroyed" events to /v1/keys, or a change of kind key_rotation to /v1/changes, with its actor.',
    "Keys that change with each reload: give the proxy a key file, so that the key outlives the process (FM-09).",
  ],
  judge: (facts, { toleranceS }) => {
    if (!facts.keys) return unknown("No ticket key was seen.", ["keys"]);
    const rotations = rotationsOf(facts.keys.value);
    const found = facts.findings?.value.filter(({ kind }) => kind === "unannounced_rotation") ?? [];
    if (rotations.length === 0)
      return found.length > 0
        ? fail("A key began to be used and nobody announced it.")
        : unknown("No rotation was seen yet.", ["keys"]);
    const records = rotations.map(({ keyName, firstIssuedMs }) => ({
      keyName,
      ...recordOf(facts, { keyName, firstIssuedMs, toleranceMs: toleranceS * 1_000 }),
    }));
    const missing = records.filter(({ recorded }) => !recorded);
    const evidence = [
      { label: "Rotations seen", value: inWhole(rotations.length) },
      { label: "With a record", value: inWhole(records.length - missing.length) },
      { label: "With who did it", value: inWhole(records.filter(({ actor }) => actor).length) },
      { label: "Matched within", value: inSeconds(toleranceS) },
    ];
    return missing.length === 0
      ? pass("Every rotation that was seen has its record.", { evidence })
      : fail(`${inWhole(missing.length)} of ${inWhole(rotations.length)} rotations have no record.`, {
          evidence: [
            ...evidence,
            {
              label: "Keys without one",
              value: missing
                .slice(0, 5)
                .map(({ keyName }) => keyName.slice(0, 8))
                .join(", "),
            },
          ],
        });
  },
});

type Began = { readonly keyName: string; readonly firstIssuedMs: number; readonly toleranceMs: number };

function recordOf(
  facts: PolicyFacts,
  { keyName, firstIssuedMs, toleranceMs }: Began,
): { recorded: boolean; actor: boolean } {
  const events = (facts.keys?.value.events ?? []).filter(
    (event) => event.keyName === keyName && ["generated", "staged", "promoted"].includes(event.action),
  );
  const changes = (facts.recordedRotations?.value ?? []).filter(
    ({ atMs }) => Math.abs(atMs - firstIssuedMs) <= toleranceMs,
  );
  return {
    recorded: events.length > 0 || changes.length > 0,
    actor: [...events, ...changes].some(({ actor }) => actor !== null),
  };
}
