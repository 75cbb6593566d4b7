import { defineConfig } from "vitest/config";

const project = (name: string, include: string[], testTimeout = 10_000) => ({
  resolve: { tsconfigPaths: true },
  // What asks routes without people in the store says so; tests of sign-in set it themselves.
  test: { name, include, testTimeout, hookTimeout: 60_000, env: { REPRISE_AUTH: "off" } },
});

export default defineConfig({
  test: {
    // Two cores: more workers only make timings worse.
    maxWorkers: 2,
    projects: [
      project("unit", ["{lib,collector,components,app}/**/*.test.{ts,tsx}"]),
      project("structure", ["tests/structure/**/*.test.ts"], 30_000),
      project("property", ["tests/property/**/*.test.ts"], 60_000),
      project("conformance", ["tests/conformance/**/*.test.ts"], 60_000),
      project("integration", ["tests/integration/**/*.test.ts"], 120_000),
      // Skipped unless REPRISE_SIMULATION is set: it takes minutes.
      project("simulation", ["tests/simulation/**/*.test.ts"], 3_600_000),
      // With REPRISE_FUZZ_RUNS it may take hours.
      project("fuzz", ["tests/fuzz/**/*.test.ts"], 86_400_000),
    ],
  },
});
