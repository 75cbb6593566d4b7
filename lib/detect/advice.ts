/** Advice for every failure mode of DOMAIN section 4, and for a diagnosis. */
import { ABUSE_ADVICE } from "./advice/abuse.ts";
import { CACHES_ADVICE } from "./advice/caches.ts";
import type { AdviceEntry } from "./advice/entry.ts";
import { KEYS_ADVICE } from "./advice/keys.ts";
import { OWN_ADVICE } from "./advice/modes.ts";
import { POLICY_ADVICE } from "./advice/policy.ts";
import { SOFTWARE_ADVICE } from "./advice/software.ts";
import { TOPOLOGY_ADVICE } from "./advice/topology.ts";
import { MODES } from "./modes/all.ts";
import type { Diagnosis } from "./types.ts";

/** Every failure mode with its advice. */
export const ADVICE: ReadonlyMap<string, AdviceEntry> = new Map(
  [KEYS_ADVICE, CACHES_ADVICE, POLICY_ADVICE, SOFTWARE_ADVICE, ABUSE_ADVICE, TOPOLOGY_ADVICE].flatMap(
    (part) => Object.entries<AdviceEntry>(part),
  ),
);

/** Where the text of a mode's runbook stands. */
export function runbookOf(failureMode: string): string {
  return `docs/runbooks/${failureMode}.md`;
}

/** What to do where no known mode fits: narrow it down in the order of DOMAIN 4.0, cheap questions first. */
const UNKNOWN: Pick<AdviceEntry, "title" | "first" | "doNot"> = {
  title: "No known failure mode fits",
  first:
    "Rule out a telemetry fault on the Sources page, then narrow it down: offers or acceptance, which mechanism, which node, region or family, and what changed just before.",
  doNot: [
    "Do not rotate keys to see whether it helps: it invalidates tickets that still work.",
    "Do not restart nodes before it is known whether their keys survive it.",
  ],
};

type Diagnosed = Pick<Diagnosis, "mode" | "failureModes">;

/** The failure mode that a diagnosis stands for first; null where none is known. */
function entryOf({ failureModes }: Diagnosed): readonly [id: string, entry: AdviceEntry] | null {
  for (const id of failureModes) {
    const entry = ADVICE.get(id);
    if (entry) return [id, entry];
  }
  return null;
}

const TITLES: ReadonlyMap<string, string> = new Map(MODES.map(({ id, title }) => [id, title]));
const ownOf = ({ mode }: Diagnosed) => (Object.hasOwn(OWN_ADVICE, mode) ? OWN_ADVICE[mode] : undefined);

/** A diagnosis in a few words. One that nothing is known of is told by its own name ("mix_shift": "Mix shift"). */
export function titleOf(diagnosis: Diagnosed): string {
  const { mode } = diagnosis;
  if (mode === "unknown") return UNKNOWN.title;
  const words = mode.replaceAll("_", " ");
  const own = ownOf(diagnosis)?.title ?? TITLES.get(mode) ?? entryOf(diagnosis)?.[1].title;
  return own ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** First action, what not to do, and the runbook. `runbook` is null where no mode fits. */
export function adviceFor(diagnosis: Diagnosed): {
  readonly first: string;
  readonly doNot: readonly string[];
  readonly runbook: string | null;
} {
  const [id, entry] = entryOf(diagnosis) ?? [null, UNKNOWN];
  const own = ownOf(diagnosis);
  return {
    first: own?.first ?? entry.first,
    doNot: own?.doNot ?? entry.doNot,
    runbook: id && runbookOf(id),
  };
}

/** Whether R comes back along F_age: in any of the failure modes that a diagnosis stands for, or in its own mode (Law 2). */
export function recoversAlongAge(diagnosis: Diagnosed): boolean {
  const own = ownOf(diagnosis)?.alongAge;
  return own ?? diagnosis.failureModes.some((id) => ADVICE.get(id)?.alongAge === true);
}
