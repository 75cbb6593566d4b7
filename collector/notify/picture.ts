import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import type { AlertMessage } from "../../lib/alerting/message.ts";
import { inCores, inPercent, inUtc, inWhole } from "../../lib/domain/words.ts";

type Course = NonNullable<AlertMessage["course"]>;

const WIDTH = 640;
const HEIGHT = 220;
const PLOT = { left: 56, right: 12, top: 28, bottom: 26 } as const;
const INK = "#1f2328";
const FAINT = "#8b949e";
const FONT = join(
  dirname(createRequire(import.meta.url).resolve("geist/font/sans")),
  "fonts/geist-sans/Geist-Regular.ttf",
);

/** The course of a message as an SVG picture: the measured line, gaps as gaps, and what was expected. */
export function courseSvg(course: Course): string {
  const { points, expected, unit, label } = course;
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const top = unit === "ratio" ? 1 : Math.max(...values, expected ?? 0, Number.MIN_VALUE) * 1.1;
  const [fromMs, toMs] = [points[0]?.t ?? 0, points.at(-1)?.t ?? 1];
  const x = (t: number): number =>
    PLOT.left + ((WIDTH - PLOT.left - PLOT.right) * (t - fromMs)) / Math.max(1, toMs - fromMs);
  const y = (value: number): number =>
    HEIGHT - PLOT.bottom - (HEIGHT - PLOT.top - PLOT.bottom) * Math.min(1, Math.max(0, value / top));
  const at = (t: number, value: number): string => `${x(t).toFixed(1)} ${y(value).toFixed(1)}`;
  let pen = "M";
  const path = points.map(({ t, value }) => {
    const step = value === null ? "" : `${pen}${at(t, value)}`;
    pen = value === null ? "M" : "L";
    return step;
  });
  const rule = (value: number): string =>
    `<path d="M${at(fromMs, value)}L${at(toMs, value)}" stroke="#d0d7de"/>${text(PLOT.left - 6, y(value) + 4, valueText(value, unit), "end")}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${text(PLOT.left, 18, `${label}${expected === null ? "" : `, expected ${valueText(expected, unit)}`}`, "start", INK)}
${[0, top / 2, top].map(rule).join("")}
${expected === null ? "" : `<path d="M${at(fromMs, expected)}L${at(toMs, expected)}" stroke="${FAINT}" stroke-dasharray="4 3"/>`}
<path d="${path.join("")}" fill="none" stroke="#0550ae" stroke-width="1.75" stroke-linejoin="round"/>
${text(PLOT.left, HEIGHT - 8, inUtc(fromMs, toMs), "start")}${text(WIDTH - PLOT.right, HEIGHT - 8, inUtc(toMs), "end")}
</svg>`;
}

/** The same as PNG, twice as large as it is shown. */
export function coursePng(course: Course): Buffer {
  const font = { loadSystemFonts: false, fontFiles: [FONT], defaultFontFamily: "Geist" };
  return new Resvg(courseSvg(course), { font, fitTo: { mode: "width", value: 2 * WIDTH } }).render().asPng();
}

function text(x: number, y: number, words: string, anchor: "start" | "end", fill = FAINT): string {
  const safe = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-family="Geist" font-size="12" text-anchor="${anchor}" fill="${fill}">${safe}</text>`;
}

function valueText(value: number, unit: Course["unit"]): string {
  if (unit === "ratio") return inPercent(value).replace(".0 %", " %");
  if (unit === "cores") return inCores(value);
  return unit === "us" ? `${inWhole(value)} µs` : inWhole(value);
}
