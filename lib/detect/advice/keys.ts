import type { AdviceEntries } from "./entry.ts";

/** Keys (DOMAIN 4.1). */
export const KEYS_ADVICE = {
  "FM-01": {
    title: "Ticket keys are not shared between nodes",
    first:
      "Check with a session of one node at another, then give all nodes one set of ticket keys; until then keep clients on their node by source hash.",
    doNot: [
      "Do not restart nodes to get keys in step: each restart makes one more key.",
      "Do not switch tickets off before the session cache is known to be shared.",
    ],
    lookAlikes: [
      { mode: "FM-15", tell: "there session ids fall and the reason is cache_miss, tickets hold" },
      { mode: "FM-02", tell: "there one node is far worse than the others" },
      { mode: "FM-24", tell: "there offers fall and acceptance holds" },
    ],
    alongAge: false,
  },
  "FM-02": {
    title: "One node or zone has a stale or different ticket key",
    first:
      "Drain the node with the lowest accept rate or sync its keys again; compare the hashes of key names on all nodes.",
    doNot: [
      "Do not rotate again: the node that missed the last rotation misses the next one too.",
      "Do not drain its peers: they lose only what the stale node issued.",
    ],
    lookAlikes: [
      { mode: "FM-10", tell: "there each node falls in turn and recovers" },
      { mode: "FM-27", tell: "there the reasons are expired or age_skew and ages are shifted" },
      { mode: "FM-01", tell: "there all nodes are equally low" },
    ],
    alongAge: false,
  },
  "FM-03": {
    title: "Keys were rotated without keeping the previous one",
    first:
      "Watch capacity and wait out the predicted curve; before the next rotation move to at least three keys, so that the previous one still decrypts.",
    doNot: [
      "Do not rotate again: each rotation starts the curve anew.",
      "Do not roll back: the old key may be destroyed already, and a second change of keys kills the new tickets too.",
      "Do not restart nodes.",
    ],
    lookAlikes: [
      { mode: "FM-09", tell: "there a reload, not a rotation, comes before it, node by node" },
      { mode: "FM-10", tell: "there nodes fall one after the other" },
      { mode: "FM-08", tell: "there it was intended" },
      { mode: "FM-06", tell: "there all is back within minutes, without a tail" },
    ],
    alongAge: true,
  },
  "FM-04": {
    title: "Keys are rotated too often for the ticket lifetime",
    first: "Lower the ticket lifetime to what the retained keys cover, or retain more keys.",
    doNot: [
      "Do not slow rotation below policy: that trades acceptance for exposure.",
      "Do not page anybody for it: nothing is failing.",
    ],
    lookAlikes: [
      { mode: "FM-16", tell: "there the reason is expired" },
      { mode: "FM-03", tell: "there it is a step to near 0 with a recovery" },
    ],
    alongAge: false,
  },
  "FM-05": {
    title: "Key rotation has stopped",
    first: "Rotate now, with overlap, and find out why the rotator stopped.",
    doNot: [
      "Do not wait for a fall of R: there will be none.",
      "Do not delete the old key at once: keep it for decryption for one ticket lifetime, unless it is compromised (FM-08).",
    ],
    lookAlikes: [
      { mode: "FM-07", tell: "there keys are weak, not old" },
      { mode: "FM-36", tell: "there the telemetry of keys is missing, not the rotation" },
    ],
    alongAge: false,
  },
  "FM-06": {
    title: "Some nodes get a new key late",
    first: "Publish the new key for decryption first and let it encrypt only after all nodes have it.",
    doNot: [
      "Do not roll the rotation back: it is over in minutes.",
      "Do not treat it as FM-03: nothing needs to be waited out.",
    ],
    lookAlikes: [
      { mode: "FM-03", tell: "there a long tail follows" },
      { mode: "FM-02", tell: "there one node does not recover" },
    ],
    alongAge: false,
  },
  "FM-07": {
    title: "A ticket key is weak, zero or repeated",
    first:
      "Treat it as a compromise: revoke the key everywhere (FM-08), then fix the generator before issuing tickets again.",
    doNot: [
      "Do not rotate with the same generator: the next key may be as weak.",
      "Do not publish or store the key material as evidence; a hash of its name is enough.",
    ],
    lookAlikes: [
      { mode: "FM-05", tell: "there keys are old, not weak" },
      { mode: "FM-32", tell: "there keys are strong but shared too widely" },
    ],
    alongAge: false,
  },
  "FM-08": {
    title: "Keys were revoked in an emergency",
    first:
      "Prove the revocation: no node accepts a ticket under the revoked names; then guard capacity and follow the predicted curve.",
    doNot: [
      "Do not restore the old key to save CPU.",
      "Do not rotate again before the curve has passed.",
      "Do not forget session caches: sessions made under the key live there too.",
    ],
    lookAlikes: [
      { mode: "FM-03", tell: "there nobody intended it" },
      { mode: "FM-09", tell: "there a reload did it" },
    ],
    alongAge: true,
  },
  "FM-09": {
    title: "A reload made a new in-memory key",
    first:
      "Keep the key outside the process (a key file or secret that all nodes read), and count reloads as key events until then.",
    doNot: ["Do not reload again.", "Do not move the reload into the peak."],
    lookAlikes: [
      { mode: "FM-03", tell: "there a rotation comes before it, on all nodes at once" },
      { mode: "FM-10", tell: "there a rollout goes from node to node once" },
    ],
    alongAge: true,
  },
  "FM-10": {
    title: "A rollout or restart drops keys or caches node by node",
    first: "Slow the rollout down, and keep keys and caches outside of what restarts.",
    doNot: [
      "Do not restart nodes that have recovered.",
      "Do not drain many nodes at once: full handshakes need the CPU.",
    ],
    lookAlikes: [
      { mode: "FM-02", tell: "there one node does not recover" },
      { mode: "FM-09", tell: "there it comes back at each reload" },
      { mode: "FM-19", tell: "there upgraded nodes stay low" },
    ],
    alongAge: true,
  },
} as const satisfies AdviceEntries;
