import { expect, it } from "vitest";
import { logNormalAges } from "../detect/ticket-age.ts";
import { Histogram } from "../stats/histogram.ts";
import { ageBins, type LabFacts } from "./lab.ts";
import { labBounds, labWords } from "./lab-words.ts";

const HOUR = 3_600;
const DAY = 86_400;

function facts(over: Partial<LabFacts> = {}): LabFacts {
  const younger = logNormalAges(600, 2, DAY);
  const histogram = new Histogram();
  for (let ageS = 8; ageS <= DAY; ageS *= 1.5)
    histogram.add(Math.round(ageS), Math.round(10_000 * (younger(ageS) - younger(ageS / 1.5))));
  return {
    ages: ageBins(histogram),
    completed: 20_000,
    byTicket: 12_000,
    otherwise: 0,
    spread: 1,
    today: { lifetimeS: DAY, periodS: DAY, retained: 2 },
    ...over,
  };
}
const text = (given: LabFacts, policy: Parameters<typeof labWords>[1]): string =>
  labWords(given, policy)
    .map((told) => told.text)
    .join("\n");

it("tells what a choice brings against today, with interval, exposure and a better one", () => {
  const said = text(facts(), { lifetimeS: DAY, periodS: DAY, retained: 2 });
  expect(said).toContain("The resume rate would be 60.0 % (59.3 % to 60.7 %): as today's 60.0 % of 20,000.");
  expect(said).toContain("A stolen key would open 3 days of traffic by design (today 3 days).");
  expect(said).toMatch(/Nearly today's rate, .* is had with .* of exposure: tickets of .* old keys kept\./);
});

it("names coverage gaps, rotations without overlap, what nobody knows and what is a guess", () => {
  expect(text(facts(), { lifetimeS: DAY, periodS: HOUR, retained: 1 })).toMatch(
    /up to 60 min, the lifetime is 24 h: older ones are offered in vain, which costs \d+\.\d points \(FM-04\)\. 24 kept keys/,
  );
  expect(text(facts(), { lifetimeS: DAY, periodS: HOUR, retained: 0 })).toMatch(
    /every rotation drops all tickets: 3\d\.\d % .*every 60 min/,
  );
  expect(text(facts(), { lifetimeS: 3 * DAY, periodS: 3 * DAY, retained: 2 })).toContain(
    "Unknown beyond 24 h",
  );
  expect(text(facts({ ages: [] }), { lifetimeS: HOUR, periodS: DAY, retained: 2 })).toContain(
    "This is a guess",
  );
  expect(labWords(facts({ completed: 0 }), { lifetimeS: HOUR, periodS: DAY, retained: 2 })).toEqual([]);
  const blind = facts({ today: { lifetimeS: null, periodS: null, retained: null } });
  expect(text(blind, { lifetimeS: HOUR, periodS: DAY, retained: 2 })).toContain("today's is not known");
});

it("holds the choice against the clauses, and says which limits nobody knows", () => {
  const nowMs = Date.UTC(2026, 10, 26);
  const policy = { lifetimeS: 2 * DAY, periodS: DAY, retained: 1 };
  const bounds = labBounds(policy, {
    nowMs,
    certificateUntilMs: nowMs + DAY * 1_000,
    revocationSlaS: null,
  });
  expect(bounds.map(({ verdict }) => verdict)).toEqual(["ok", "ok", "over", "over", "unknown"]);
  expect(bounds[3]?.text).toBe("2 days is over 24 h (H25).");
  expect(bounds[4]?.text).toBe("Not known: not declared for this endpoint (H23).");
});
