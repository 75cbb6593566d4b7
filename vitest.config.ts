import { defineConfig } from "vitest/config";

const project = (name: string, include: string[], testTimeout = 10_000) => ({
  resolve: { tsconfigPaths: true },
  // What asks routes without people in the store says so; tests of sign-in set it themselves.
  test: { name, include, testTimeout, hookTimeout: 60_000, env: { REPRISE_AUTH: "off" } },
});

/** Real handshakes and processes on a paced clock: beside another test they measure that one's appetite. */
const PACED = ["agent", "lab", "lab-faults", "page-delay"].map((name) => `tests/integration/${name}.test.ts`);
const integration = project("integration", ["tests/integration/**/*.test.ts"], 120_000);
const paced = project("paced", PACED, 120_000);
/** Real programs under a machine's whims get a second try; `npm test` names each test that needed it. */
const retry = 1;

export default defineConfig({
  test: {
    // Two cores: more workers only make timings worse.
    maxWorkers: 2,
    projects: [
      project("unit", ["{lib,collector,components,app}/**/*.test.{ts,tsx}"]),
      project("structure", ["tests/structure/**/*.test.ts"], 30_000),
      project("property", ["tests/property/**/*.test.ts"], 60_000),
      project("conformance", ["tests/conformance/**/*.test.ts"], 60_000),
      { ...integration, test: { ...integration.test, retry, exclude: PACED } },
      // One at a time, after all others.
      { ...paced, test: { ...paced.test, retry, maxWorkers: 1, sequence: { groupOrder: 1 } } },
      // Skipped unless REPRISE_SIMULATION is set: it takes minutes.
      project("simulation", ["tests/simulation/**/*.test.ts"], 3_600_000),
      // With REPRISE_FUZZ_RUNS it may take hours.
      project("fuzz", ["tests/fuzz/**/*.test.ts"], 86_400_000),
    ],
  },
});
