import { it } from "vitest";
import { forecastRecovery } from "../detect/recovery.ts";
import { logNormalAges } from "../detect/ticket-age.ts";
import { Histogram } from "../stats/histogram.ts";

it("sim", () => {
  const ONSET = Date.UTC(2026, 10, 24, 14, 2);
  let s = 12345;
  const dice = () => {
    s = (s * 48271) % 2147483647;
    return s / 2147483647;
  };
  const gauss = () => Math.sqrt(-2 * Math.log(dice())) * Math.cos(2 * Math.PI * dice());
  function hist(F: any) {
    const h = new Histogram();
    for (let a = 1; a < 604800; a = Math.ceil(a * 1.02)) {
      const w = Math.round(10000 * (F(a) - F(Math.min(a - 1, a / 1.02))));
      if (w > 0) h.add(a, w);
    }
    return h;
  }
  for (const measured of [true, false])
    for (const minutes of [5, 15, 45, 120, 360])
      for (const plateau of [false, true]) {
        const c: Record<string, number> = {};
        let cover = 0,
          m = 0,
          t = 0;
        const errs: number[] = [];
        for (let i = 0; i < 120; i++) {
          const med = Math.exp(Math.log(600) + gauss() * 0.8),
            sg = 1 + dice() * 1.5;
          const F = logNormalAges(med, sg);
          const mism = Math.exp(gauss() * 0.1);
          const G = logNormalAges(med * mism, sg);
          const n = 100 + Math.round(dice() * 2000);
          const r0 = 0.4 + dice() * 0.4;
          const fl = r0 * dice() * 0.5;
          const ar = () => {};
          let e = 0;
          const before = Array.from({ length: 60 }, () => {
            const p = r0 + 0.01 * gauss();
            return {
              k: Math.max(0, Math.min(n, Math.round(n * p + Math.sqrt(n * p * (1 - p)) * gauss()))),
              n,
            };
          });
          const after = Array.from({ length: minutes }, (_, j) => {
            e = 0.9 * e + 0.004 * gauss();
            const p = Math.max(0.001, (plateau ? fl : fl + (r0 - fl) * F(j * 60 + 30)) + e);
            return {
              atMs: ONSET + j * 60000,
              k: Math.max(0, Math.min(n, Math.round(n * p + Math.sqrt(n * p * (1 - p)) * gauss()))),
              n,
            };
          });
          const t0 = performance.now();
          const f = forecastRecovery({
            onsetMs: ONSET,
            stepMs: 60000,
            before,
            after,
            ages: measured ? hist(G) : null,
          })!;
          t += performance.now() - t0;
          c[f.verdict] = (c[f.verdict] ?? 0) + 1;
          let lo = 1,
            hi = 604800;
          for (let q = 0; q < 50; q++) {
            const mid = (lo + hi) / 2;
            if (F(mid) >= 0.9) hi = mid;
            else lo = mid;
          }
          if (f.eta) {
            m++;
            const l = (f.eta.lowMs - ONSET) / 1000,
              h = (f.eta.highMs - ONSET) / 1000;
            if (l <= hi && hi <= h) cover++;
            errs.push(Math.abs((f.eta.atMs - ONSET) / 1000 / hi - 1));
          }
        }
        errs.sort((a, b) => a - b);
        console.log(
          measured ? "meas" : "est",
          minutes,
          plateau ? "plateau" : "recov",
          JSON.stringify(c),
          "cover",
          (cover / m).toFixed(2),
          "med err",
          errs[errs.length >> 1]?.toFixed(2),
          "ms",
          (t / 120).toFixed(1),
        );
      }
}, 600000);
