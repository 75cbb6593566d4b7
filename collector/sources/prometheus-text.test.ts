import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePrometheusText } from "./prometheus-text.ts";

const AT = { atMs: 1_764_000_000_000, wanted: () => true };
const one = (line: string) => {
  const text = parsePrometheusText(`${line}\n`, AT);
  return text.ok ? text.points[0] : text.reason;
};

describe("samples", () => {
  it("have a name, a value, and the time of the scrape", () => {
    expect(one("haproxy_process_ssl_cache_misses_total 22")).toEqual({
      name: "haproxy_process_ssl_cache_misses_total",
      labels: {},
      value: 22,
      atMs: AT.atMs,
      kind: "total",
      startedMs: null,
    });
  });

  it("may have labels, blanks between them, a trailing comma and a time of their own", () => {
    expect(one('a:b_1 { proxy = "web", mod="ssl", } 1.5e+3 1764000001234')).toMatchObject({
      name: "a:b_1",
      labels: { proxy: "web", mod: "ssl" },
      value: 1500,
      atMs: 1_764_000_001_234,
    });
    expect(one('a{l="x"}3')).toMatchObject({ labels: { l: "x" }, value: 3 });
  });

  it("hold quotes, backslashes, line ends, braces and commas in label values", () => {
    expect(one(String.raw`a{l="say \"hi\", \\ and \n} {"} 1`)).toMatchObject({
      labels: { l: 'say "hi", \\ and \n} {' },
    });
  });

  it("may be no number", () => {
    expect([one("a NaN"), one("a +Inf"), one("a -Inf")].map((p) => typeof p === "object" && p.value)).toEqual(
      [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
  });
});

describe("a body", () => {
  it("may hold comments, empty lines and Windows line ends; only wanted names are kept", () => {
    const body = '# HELP a b\r\n# TYPE a counter\r\n\r\na{x="1"} 1\r\nb 2\r\n  # free comment\nb 3';
    const text = parsePrometheusText(body, { ...AT, wanted: (name) => name === "b" });
    expect(text.ok && text.points.map(({ value }) => value)).toEqual([2, 3]);
  });

  it.each([
    "1abc 2",
    "a",
    "a b",
    "a 1 2 3",
    "a 1 x",
    'a{l="x" 1',
    "a{l=x} 1",
    'a{l="x";m="y"} 1',
    'a{"l"="x"} 1',
    "a 0x10",
    "a 1_000",
    "a{",
    "<html>",
  ])("is refused with the line where one is none: %s", (line) => {
    expect(parsePrometheusText(`ok 1\n${line}\n`, AT)).toEqual({
      ok: false,
      reason: "line 2 is no Prometheus sample",
    });
  });

  it("is bounded in labels, line length and samples", () => {
    const labels = Array.from({ length: 65 }, (_, n) => `l${n}="x"`).join(",");
    expect(one(`a{${labels}} 1`)).toContain("no Prometheus sample");
    expect(one(`a{l="${"x".repeat(70_000)}"} 1`)).toContain("no Prometheus sample");
    expect(parsePrometheusText("a 1\n".repeat(100_001), AT)).toMatchObject({
      reason: "more than 100000 samples",
    });
  });
});

describe("whatever comes", () => {
  const labelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
  const sample = fc.record({
    name: fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,20}$/),
    labels: fc.dictionary(labelName, fc.string({ unit: "binary" }), { maxKeys: 5, noNullPrototype: true }),
    value: fc.double({ noNaN: true }),
    atMs: fc.option(fc.integer({ min: 0, max: 2_000_000_000_000 }), { nil: undefined }),
  });
  const written = ({
    name,
    labels,
    value,
    atMs,
  }: typeof sample extends fc.Arbitrary<infer T> ? T : never): string => {
    const quoted = (text: string): string =>
      text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
    const list = Object.entries(labels).map(([key, text]) => `${key}="${quoted(text)}"`);
    const number = Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
    return `${name}${list.length > 0 ? `{${list.join(",")}}` : ""} ${number}${atMs === undefined ? "" : ` ${atMs}`}`;
  };

  it("reads what was written", () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 8 }), (samples) => {
        const text = parsePrometheusText(samples.map(written).join("\n"), AT);
        expect(
          text.ok && text.points.map(({ name, labels, value, atMs }) => ({ name, labels, value, atMs })),
        ).toEqual(
          samples.map((s) => ({
            ...s,
            atMs: s.atMs ?? AT.atMs,
            value: s.value === 0 ? expect.any(Number) : s.value,
          })),
        );
      }),
    );
  });

  it("never throws, and says why or reads numbers", () => {
    const damaged = fc.tuple(sample, fc.nat(60), fc.string({ maxLength: 3 })).map(([s, at, junk]) => {
      const line = written(s);
      return line.slice(0, at) + junk + line.slice(at + 1);
    });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), damaged), (body) => {
        const text = parsePrometheusText(body, AT);
        if (text.ok) expect(text.points.every(({ value }) => typeof value === "number")).toBe(true);
        else expect(text.reason).not.toBe("");
      }),
      { numRuns: 1_000 },
    );
  });
});
