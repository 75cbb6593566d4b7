import { bodyOf, json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { type RetentionReply, retentionBody } from "@/lib/contract/read-retention.ts";
import { ParameterProblem } from "@/lib/read/problem.ts";
import { readSettings } from "@/lib/runtime/settings.ts";
import type { TenantRetention } from "@/lib/store/port-upkeep.ts";

export const dynamic = "force-dynamic";

function replyOf(tenant: TenantRetention): RetentionReply {
  const { retainTenSecondsMs, retainMinutesMs, retainHoursMs, retainSamplesMs } = readSettings(process.env);
  return {
    installation: {
      ...{ tenSecondsMs: retainTenSecondsMs, minutesMs: retainMinutesMs },
      ...{ historyMs: retainHoursMs, samplesMs: retainSamplesMs },
    },
    tenant,
  };
}

/** How long the installation keeps what, and what of it this tenant keeps for a shorter time. */
export const GET = guarded("admin", async ({ tenant, reader }) =>
  json(replyOf(await reader.retention.readRetention(tenant))),
);

/** Keeps what is this tenant's for a shorter time. What is older goes within minutes. */
export const PUT = guarded("admin", async ({ request, tenant, acts }) => {
  const body = await bodyOf(request, retentionBody);
  const reply = replyOf(body);
  for (const field of ["historyMs", "samplesMs"] as const)
    if ((body[field] ?? 0) > reply.installation[field])
      throw new ParameterProblem(field, "the installation keeps nothing for so long");
  await acts.retention.saveRetention(tenant, body);
  return json(reply);
});
