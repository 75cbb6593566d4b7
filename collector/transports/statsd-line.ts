/** An increase of a counter in the statsd protocol, with DogStatsD's sample rates and tags. */
export type StatsdCounter = {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** How many, the sample rate accounted for; not always whole. */
  readonly count: number;
};

/** What a line of a datagram says; gauges, timers, sets, events and checks are `other`. */
export type StatsdLine =
  | { readonly kind: "counter"; readonly counter: StatsdCounter }
  | { readonly kind: "other" | "malformed" };

const OTHER: StatsdLine = { kind: "other" };
const MALFORMED: StatsdLine = { kind: "malformed" };
const OTHER_TYPES: readonly string[] = ["g", "ms", "h", "s", "d", "m"];
const NUMBER = /^[+-]?\d{1,18}(?:\.\d{1,18})?(?:e[+-]?\d{1,2})?$/i;
/** Values that one line may pack (DogStatsD 1.1), and tags. */
const MAX_VALUES = 1_024;
const MAX_TAGS = 64;

/**
 * Reads one line: `name:value|c`, `name:1:2|c|@0.1|#key:value,flag`, tags also behind the name as `;key=value`. A counter
 * never goes down: a negative value is malformed. Never throws.
 */
export function parseStatsdLine(line: string): StatsdLine {
  if (line.startsWith("_e{") || line.startsWith("_sc|")) return OTHER;
  const [head = "", type = "", ...extensions] = line.split("|");
  const colon = head.indexOf(":");
  if (colon < 1 || type === "") return MALFORMED;
  if (type !== "c") return OTHER_TYPES.includes(type) ? OTHER : MALFORMED;
  const [name = "", ...inName] = head.slice(0, colon).split(";");
  const count = sumOf(head.slice(colon + 1));
  const rate = rateOf(extensions.find((extension) => extension.startsWith("@")));
  if (name === "" || count === null || rate === null) return MALFORMED;
  const behind = extensions.find((extension) => extension.startsWith("#"))?.slice(1) ?? "";
  const tags = [
    ...pairsOf(inName, "="),
    ...pairsOf(
      behind.split(",").filter((tag) => tag !== ""),
      ":",
    ),
  ];
  return {
    kind: "counter",
    counter: { name, tags: Object.fromEntries(tags.slice(0, MAX_TAGS)), count: count / rate },
  };
}

function sumOf(text: string): number | null {
  const values = text.split(":", MAX_VALUES + 1);
  if (values.length > MAX_VALUES) return null;
  let sum = 0;
  for (const value of values) {
    if (!NUMBER.test(value) || Number(value) < 0) return null;
    sum += Number(value);
  }
  return sum;
}

/** A share in (0, 1]; 1 where none is given; null for what is none. */
function rateOf(extension: string | undefined): number | null {
  if (extension === undefined) return 1;
  const rate = NUMBER.test(extension.slice(1)) ? Number(extension.slice(1)) : 0;
  return rate > 0 && rate <= 1 ? rate : null;
}

/** A tag without a value is there, and says nothing more. */
function pairsOf(tags: readonly string[], separator: string): [string, string][] {
  return tags.map((tag) => {
    const at = tag.indexOf(separator);
    return at < 0 ? [tag, ""] : [tag.slice(0, at), tag.slice(at + separator.length)];
  });
}
