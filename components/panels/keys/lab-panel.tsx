"use client";
import { useQueryStates } from "nuqs";
import { useDeferredValue, useMemo } from "react";
import { labParsers } from "@/lib/client/keys-view.ts";
import type { LabReply } from "@/lib/contract/read-lab.ts";
import { inLength, inWhole } from "@/lib/domain/words.ts";
import { designExposureS, type KeyPolicy, type LabFacts, predict, seenUntilS } from "@/lib/policy/lab.ts";
import { COMPARED_RETAINED, frontierOf } from "@/lib/policy/lab-frontier.ts";
import { labWords, predictedWords } from "@/lib/policy/lab-words.ts";
import { FrontierChart } from "../../charts/frontier-chart.tsx";
import { type FrontierDot, prepareFrontier } from "../../charts/prepare/frontier.ts";
import { TableFrame } from "../../charts/table-frame.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { Bounds } from "./lab-bounds.tsx";
import { LabControls } from "./lab-controls.tsx";

const DAY_S = 86_400;
const HEIGHT = 340;

/** What the lab computes from, out of the answer of the API. */
export function labFacts({ ages, completed, byTicket, otherwise, spread, today }: LabReply): LabFacts {
  const { lifetimeS, periodS, retained } = today;
  return {
    ages,
    completed,
    byTicket,
    otherwise,
    spread,
    today: {
      lifetimeS: lifetimeS?.value ?? null,
      periodS: periodS?.value ?? null,
      retained: retained?.value ?? null,
    },
  };
}

/** The policy that the sliders begin with: today's, and where it is not known a usual one. */
function startOf(facts: LabFacts): KeyPolicy {
  const { lifetimeS, periodS, retained } = facts.today;
  const seenS = seenUntilS(facts);
  return {
    lifetimeS: lifetimeS ?? (seenS > 0 && Number.isFinite(seenS) ? seenS : DAY_S),
    periodS: periodS ?? DAY_S,
    retained: retained ?? 2,
  };
}

/** Choose lifetime, rotation and retained keys; see resume rate and exposure, against today. */
export function LabPanel({ lab }: { lab: LabReply }) {
  const [view, setView] = useQueryStates(labParsers, { history: "replace", shallow: true, scroll: false });
  const facts = useMemo(() => labFacts(lab), [lab]);
  const start = startOf(facts);
  const policy: KeyPolicy = {
    lifetimeS: view.lifetime ?? start.lifetimeS,
    periodS: view.period ?? start.periodS,
    retained: view.retained ?? start.retained,
  };
  const curves = useMemo(() => frontierOf(facts, COMPARED_RETAINED), [facts]);
  const model = useMemo(() => prepareFrontier(curves), [curves]);
  const words = useDeferredValue(labWords(facts, policy));
  const chosen = predict(facts, policy);
  if (facts.completed === 0)
    return (
      <EmptyState title="No completed handshake in this window.">
        The lab needs handshakes of known outcome, and best ages of tickets too.
      </EmptyState>
    );
  const dots = dotsOf(facts, policy, start);
  return (
    <div className="grid gap-3 lg:grid-cols-[minmax(18rem,26rem)_1fr]">
      <LabControls
        lab={lab}
        policy={policy}
        moved={view.lifetime !== null || view.period !== null || view.retained !== null}
        choose={(next) =>
          void setView({
            ...(next.lifetimeS === undefined ? {} : { lifetime: next.lifetimeS }),
            ...(next.periodS === undefined ? {} : { period: next.periodS }),
            ...(next.retained === undefined ? {} : { retained: next.retained }),
          })
        }
        reset={() => void setView({ lifetime: null, period: null, retained: null })}
      >
        <Bounds lab={lab} policy={policy} />
      </LabControls>
      <TableFrame
        title="Resume rate against exposure"
        note={noteOf(facts)}
        table={model?.table ?? null}
        description={
          chosen
            ? `The chosen policy: resume rate ${predictedWords(chosen)}, exposure ${inLength(designExposureS(policy) * 1_000)}.`
            : "Nothing can be predicted."
        }
        below={
          <ul className="mt-2 max-w-4xl space-y-1" aria-live="polite" aria-label="What the choice means">
            {words.map(({ tone, text }) => (
              <li key={text.slice(0, 24)} className="flex gap-2">
                <Mark tone={tone} />
                <span>{text}</span>
              </li>
            ))}
          </ul>
        }
      >
        {model && chosen ? (
          <FrontierChart model={model} dots={dots} limits={limitsOf(lab)} height={HEIGHT} />
        ) : (
          <EmptyState title="Nothing can be predicted here.">
            No source tells ticket ages, and today's ticket lifetime is not known either. A wire tap, the
            prober or a declaration on the Policy page tells the lifetime; the native field{" "}
            <code>ticketAgeS</code> tells ages.
          </EmptyState>
        )}
      </TableFrame>
    </div>
  );
}

function dotsOf(facts: LabFacts, policy: KeyPolicy, start: KeyPolicy): FrontierDot[] {
  const { lifetimeS, periodS, retained } = facts.today;
  const isKnown = lifetimeS !== null && periodS !== null && retained !== null;
  const dot = (name: "today" | "chosen", of: KeyPolicy): FrontierDot[] => {
    const prediction = predict(facts, of);
    return prediction
      ? [{ name, isToday: name === "today", exposureS: designExposureS(of), prediction }]
      : [];
  };
  const isSame = isKnown && designExposureS(policy) === designExposureS(start);
  return [...(isKnown ? dot("today", start) : []), ...(isSame ? [] : dot("chosen", policy))];
}

function limitsOf({ bounds, nowMs }: LabReply) {
  const certificateS =
    bounds.certificateUntilMs === null ? null : (bounds.certificateUntilMs - nowMs) / 1_000;
  return [
    ...(certificateS === null ? [] : [{ label: "certificate ends", exposureS: certificateS }]),
    ...(bounds.revocationSlaS === null
      ? []
      : [{ label: "revocation has effect", exposureS: bounds.revocationSlaS }]),
  ];
}

function noteOf(facts: LabFacts): string {
  const count = facts.ages.reduce((sum, { count: of }) => sum + of, 0);
  return count === 0
    ? "ticket ages are not known: a guess"
    : `from the ages of ${inWhole(count)} tickets up to ${inLength(seenUntilS(facts) * 1_000)}`;
}

const MARKS = { plain: "bg-ink-3", good: "bg-good", warn: "bg-warn" } as const;

function Mark({ tone }: { tone: keyof typeof MARKS }) {
  return <i aria-hidden className={`mt-1.5 size-2 shrink-0 rounded-[2px] ${MARKS[tone]}`} />;
}
