"use client";
import { Label, Slider, SliderOutput, SliderThumb, SliderTrack } from "react-aria-components";

type StepSliderProps = {
  readonly label: string;
  /** Rising values that may be chosen. */
  readonly steps: readonly number[];
  readonly value: number;
  readonly say: (value: number) => string;
  readonly onChange: (value: number) => void;
  /** Today's value, marked on the track; null: not known. */
  readonly today: number | null;
};

/** A slider over values that lie far apart: each step is one place on the track. */
export function StepSlider({ label, steps, value, say, onChange, today }: StepSliderProps) {
  const last = steps.length - 1;
  const place = (of: number): number => placeOf(steps, of);
  return (
    <Slider
      value={Math.round(place(value))}
      minValue={0}
      maxValue={last}
      step={1}
      onChange={(index: number) => onChange(steps[index] ?? value)}
      className="grid grid-cols-[1fr_auto] gap-x-3"
    >
      <Label className="text-ink-2">{label}</Label>
      <SliderOutput className="font-semibold">{say(value)}</SliderOutput>
      <SliderTrack className="relative col-span-2 mx-2.5 h-7">
        {({ state }) => (
          <>
            <i className="absolute inset-x-0 top-[12px] h-1 rounded-full bg-rule-strong" />
            <i
              className="absolute top-[12px] left-0 h-1 rounded-full bg-accent"
              style={{ width: `${state.getThumbPercent(0) * 100}%` }}
            />
            {today === null ? null : (
              <i
                title={`today ${say(today)}`}
                className="absolute top-[6px] h-4 w-0.5 -translate-x-1/2 bg-ink"
                style={{ left: `${(place(today) / last) * 100}%` }}
              />
            )}
            <SliderThumb
              aria-label={label}
              className="top-[14px] size-5 rounded-full border-2 border-surface bg-accent outline-offset-2 data-[focus-visible]:outline-2 data-[focus-visible]:outline-accent"
            />
          </>
        )}
      </SliderTrack>
    </Slider>
  );
}

/** Where a value stands among steps, between them by its logarithm. */
function placeOf(steps: readonly number[], value: number): number {
  const next = steps.findIndex((step) => step >= value);
  if (next <= 0) return next === 0 ? 0 : steps.length - 1;
  const [a = 0, b = 1] = [steps[next - 1], steps[next]];
  return next - 1 + Math.log((value + 1) / (a + 1)) / Math.log((b + 1) / (a + 1));
}
