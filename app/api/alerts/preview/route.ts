import { bodyOf, json, problem } from "@/app/_server/answer.ts";
import { costs } from "@/app/_server/costs.ts";
import { guarded } from "@/app/_server/guard.ts";
import { previewBody } from "@/lib/contract/read-alerts.ts";
import { previewRule } from "@/lib/read/alerts/preview.ts";
import { readSettings } from "@/lib/runtime/settings.ts";

export const dynamic = "force-dynamic";

const DAY_MS = 86_400_000;
/** Longest that a preview goes on looking further back. */
const MOST_MS = 20_000;
const MOST_AT_ONCE = 2;

// Kept on globalThis, since Next may load this module more than once in a process.
const holder = globalThis as typeof globalThis & { reprisePreviews?: number };

/** What a rule would have done, evaluated over history. Nothing is kept. */
export const POST = guarded("operator", async ({ request, tenant, reader }) => {
  const { rule, days } = await bodyOf(request, previewBody);
  const running = holder.reprisePreviews ?? 0;
  if (running >= MOST_AT_ONCE)
    return problem(429, { error: "Other previews are running: try again in a moment." });
  holder.reprisePreviews = running + 1;
  try {
    const nowMs = Date.now();
    const context = { store: reader, tenant: tenant, costs: costs() };
    const enough = (): boolean => request.signal.aborted || Date.now() - nowMs > MOST_MS;
    const minutesFromMs = nowMs - readSettings(process.env).retainMinutesMs;
    const asked = { rule, fromMs: nowMs - days * DAY_MS, toMs: nowMs, minutesFromMs, enough };
    return json(await previewRule(context, asked));
  } finally {
    holder.reprisePreviews -= 1;
  }
});
