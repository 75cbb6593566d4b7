import { receiverOpener } from "@/app/_server/alerting.ts";
import { json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { readAlertsPage } from "@/lib/read/alerts/page.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async ({ tenant, reader }) =>
  json(await readAlertsPage(reader, tenant, { nowMs: Date.now(), open: receiverOpener(tenant) })),
);
