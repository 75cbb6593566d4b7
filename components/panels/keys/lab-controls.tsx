"use client";
import type { ReactNode } from "react";
import type { LabReply } from "@/lib/contract/read-lab.ts";
import { inLength } from "@/lib/domain/words.ts";
import { designExposureS, type KeyPolicy } from "@/lib/policy/lab.ts";
import { Panel } from "../../ui/panel.tsx";
import { StepSlider } from "./step-slider.tsx";

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;
/** Up to the longest lifetime of TLS 1.3. */
const LIFETIMES_S = [
  ...[5, 10, 15, 30].map((n) => n * MINUTE_S),
  ...[1, 2, 3, 4, 6, 8, 12, 18, 24, 36].map((n) => n * HOUR_S),
  ...[2, 3, 4, 5, 7].map((n) => n * DAY_S),
];
const PERIODS_S = [
  ...[15, 30].map((n) => n * MINUTE_S),
  ...[1, 2, 3, 4, 6, 8, 12, 24].map((n) => n * HOUR_S),
  ...[2, 3, 5, 7, 14, 30, 90, 365].map((n) => n * DAY_S),
];
const RETAINED = [0, 1, 2, 3, 4, 5, 6, 8, 12, 24];

const say = (seconds: number): string => inLength(seconds * 1_000);

type LabControlsProps = {
  readonly lab: LabReply;
  readonly policy: KeyPolicy;
  readonly moved: boolean;
  readonly choose: (next: Partial<KeyPolicy>) => void;
  readonly reset: () => void;
  readonly children: ReactNode;
};

/** The three sliders, with today's values marked and said. */
export function LabControls({ lab, policy, moved, choose, reset, children }: LabControlsProps) {
  const { lifetimeS, periodS, retained } = lab.today;
  return (
    <Panel
      title="Policy"
      tools={
        <button type="button" className="control" disabled={!moved} onClick={reset}>
          Back to today
        </button>
      }
    >
      <div className="space-y-2">
        <StepSlider
          label="Ticket lifetime"
          steps={LIFETIMES_S}
          value={policy.lifetimeS}
          today={lifetimeS?.value ?? null}
          say={say}
          onChange={(value) => choose({ lifetimeS: value })}
        />
        <Today known={lifetimeS} say={say} unknown="not known: the oldest ticket that resumed is taken" />
        <StepSlider
          label="A new key every"
          steps={PERIODS_S}
          value={policy.periodS}
          today={periodS?.value ?? null}
          say={say}
          onChange={(value) => choose({ periodS: value })}
        />
        <Today known={periodS} say={say} unknown="not known: it is taken to cut nothing off" />
        <StepSlider
          label="Old keys kept"
          steps={RETAINED}
          value={policy.retained}
          today={retained?.value ?? null}
          say={String}
          onChange={(value) => choose({ retained: value })}
        />
        <Today known={retained} say={String} unknown="not known: they are taken to cut nothing off" />
      </div>
      <p className="my-3 border-y border-rule py-2">
        Exposure window by design <b className="font-semibold">{say(designExposureS(policy))}</b>, tickets
        opened for certain up to <b className="font-semibold">{say(policy.retained * policy.periodS)}</b>.
      </p>
      {children}
    </Panel>
  );
}

const ORIGINS = { declared: "as declared", keys: "as seen" } as const;

type TodayProps = {
  readonly known: LabReply["today"]["lifetimeS"];
  readonly say: (value: number) => string;
  readonly unknown: string;
};

function Today({ known, say: words, unknown }: TodayProps) {
  return (
    <p className="-mt-1 mb-2 text-ink-3">
      Today {known ? `${words(known.value)}, ${ORIGINS[known.from]}` : unknown}.
    </p>
  );
}
