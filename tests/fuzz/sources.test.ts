import { describe } from "vitest";
import { SOURCES } from "../../collector/sources/registry.ts";
import { fuzz } from "./fuzz.ts";
import { checkTaken, NOW } from "./promises.ts";
import { seedsFor } from "./seeds.ts";

const DEFAULTS = { endpoint: null, node: "edge-1", region: null };

describe.each(SOURCES.map((source) => [source.name, source] as const))("%s", (name, source) => {
  const seeds = seedsFor(source);
  for (const live of [true, false])
    fuzz({
      name: `source-${name}-${live ? "live" : "file"}`,
      kind: "text",
      seeds,
      start: () => {
        const decoder = source.decoder({ ...DEFAULTS, live });
        return (input) => {
          const line = input.toString("utf8");
          source.recognises(line);
          checkTaken(decoder.decode(line, NOW), line, name);
        };
      },
    });
});
