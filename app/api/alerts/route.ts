import { openReceiver } from "@/app/_server/alerting.ts";
import { answer, json } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { readAlertsPage } from "@/lib/read/alerts/page.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(): Promise<Response> {
  return answer(async () =>
    json(await readAlertsPage(stores().reader, DEFAULT_TENANT, { nowMs: Date.now(), open: openReceiver })),
  );
}
