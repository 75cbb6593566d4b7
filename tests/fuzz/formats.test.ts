import { SOURCES } from "../../collector/sources/registry.ts";
import { fuzz } from "./fuzz.ts";
import { checkTaken, NOW } from "./promises.ts";
import { seedsFor, writtenLines } from "./seeds.ts";

const DEFAULTS = { endpoint: null, node: "edge-1", region: null, live: true };
const LINES = 20;

/** An operator's format is somebody's text, and so are the lines that are read by it: both are damaged. */
for (const source of SOURCES) {
  const { withFormat, name } = source;
  if (!withFormat) continue;
  const formats = writtenLines(`${name}.formats`);
  const lines = seedsFor(source).map((line) => line.toString("utf8"));
  fuzz({
    name: `format-${name}`,
    kind: "text",
    seeds: formats.map((format) => Buffer.from(format)),
    start: () => (input) => {
      const compiled = withFormat(input.toString("utf8"));
      if (!compiled.ok && compiled.problem === "") throw new Error("refused without a word");
      if (!compiled.ok) return;
      const decoder = compiled.decoder(DEFAULTS);
      for (const line of lines.slice(0, LINES)) checkTaken(decoder.decode(line, NOW), line, name);
    },
  });
  for (const [index, format] of formats.entries())
    fuzz({
      name: `format-${name}-${index}`,
      kind: "text",
      seeds: [...written(format), ...lines.slice(0, LINES)].map((line) => Buffer.from(line)),
      start: () => {
        const compiled = withFormat(format);
        if (!compiled.ok) return () => undefined;
        const decoder = compiled.decoder(DEFAULTS);
        return (input) => {
          const line = input.toString("utf8");
          checkTaken(decoder.decode(line, NOW), line, name);
        };
      },
    });
}

/** Lines as a format writes them: its fields replaced by what such fields hold. */
function written(format: string): string[] {
  const values = [
    "1764000000.123",
    "7",
    "1",
    "TLSv1.3",
    "r",
    ".",
    "-",
    "127.0.0.1",
    "0.001",
    "2026-11-24T10:00:00+00:00",
  ];
  return values.map((_, shift) => {
    let at = shift;
    return format.replace(/\$\w+|%(?:\{[^}]*\})?(?:\[[^\]]*\]|\w+)/g, () => {
      at += 3;
      return values[at % values.length] ?? "";
    });
  });
}
