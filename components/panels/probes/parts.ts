import type { ProbeTargetView } from "@/lib/contract/probe.ts";
import { MECHANISM_WORDS } from "@/lib/domain/probe-words.ts";
import type { AgreementPart } from "../keys/agreement-panel.tsx";

/** How the nodes of a target agree, by mechanism: what can be shared first. */
export function agreementParts(target: ProbeTargetView): AgreementPart[] {
  const order = ["psk", "ticket", "session_id"];
  return [...target.agreements]
    .sort((a, b) => order.indexOf(a.mechanism) - order.indexOf(b.mechanism))
    .map(({ mechanism, cells, sentence, misfits }) => ({
      id: `probe-${mechanism}`,
      title: `${target.endpoint}: ${MECHANISM_WORDS[mechanism]}`,
      note: "the newest probe of each pair",
      sentence,
      misfits,
      pairs: cells.map(({ from, to, accepted, reason }) => ({
        ...{ from, to, accepted: accepted ? 1 : 0, offered: accepted === null ? 0 : 1 },
        reason: reason?.replaceAll("_", " ") ?? null,
      })),
      byKey: [],
    }));
}

const IN_SHORT = {
  agree: { tone: "good", word: "all agree" },
  unshared: { tone: "bad", word: "nothing shared" },
  groups: { tone: "bad", word: "groups apart" },
  mixed: { tone: "bad", word: "some refuse some" },
} as const;

/** How the nodes of a target agree by tickets and PSKs, in two words; session ids are rarely shared and not held against them. */
export function agreementInShort({ agreements }: ProbeTargetView): {
  readonly tone: "good" | "bad" | "unknown";
  readonly word: string;
} {
  const told = agreements.filter(({ mechanism, kind }) => mechanism !== "session_id" && kind !== "unknown");
  const [worst = told[0]] = told.filter(({ kind }) => kind !== "agree");
  if (!worst) return { tone: "unknown", word: "not compared" };
  if (worst.kind !== "misfits") return IN_SHORT[worst.kind as keyof typeof IN_SHORT];
  const { misfits } = worst;
  return {
    tone: "bad",
    word: misfits.length === 1 ? `${misfits[0]} apart` : `${misfits.length} nodes apart`,
  };
}

type NodeView = ProbeTargetView["nodes"][number];
type Step = NonNullable<NodeView["probe"]>["timings"][number]["step"];

/** The time of a step at a node, microseconds, TCP left out; a resumption counts only if it was one. Null: none. */
export function handshakeUsOf(probe: NodeView["probe"], step: Step): number | null {
  const resumes = step === "psk" || step === "ticket" || step === "session_id";
  const timing = probe?.timings.find((one) => one.step === step && one.resumed === resumes);
  return timing?.handshakeUs ?? null;
}

/** Opening TCP, microseconds: the shortest of the connections, which is nearest to the round trip. */
export function connectUsOf(probe: NodeView["probe"]): number | null {
  const times = probe?.timings.map(({ connectUs }) => connectUs) ?? [];
  return times.length > 0 ? Math.min(...times) : null;
}

/** Full minus resumed of the protocol that both were made in, microseconds; null where one is missing. */
export function savedUsOf(probe: NodeView["probe"], step: "psk" | "ticket" | "session_id"): number | null {
  const full = handshakeUsOf(probe, step === "psk" ? "full_tls13" : "full_tls12");
  const resumed = handshakeUsOf(probe, step);
  return full === null || resumed === null ? null : full - resumed;
}
