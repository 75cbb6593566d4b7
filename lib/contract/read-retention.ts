/** The contract of /api/retention: how long what is kept. */
import { z } from "zod";

const DAY_MS = 86_400_000;
const kept = z.number().int().min(DAY_MS).nullable();

export const retentionBody = z.object({
  historyMs: kept.describe("everything; null: as long as the installation keeps it"),
  samplesMs: kept.describe("single handshakes; null: as long as the installation keeps them"),
});
export type RetentionBody = z.infer<typeof retentionBody>;

export const retentionReply = z.object({
  installation: z.object({
    tenSecondsMs: z.number().int(),
    minutesMs: z.number().int(),
    historyMs: z.number().int(),
    samplesMs: z.number().int(),
  }),
  tenant: retentionBody,
});
export type RetentionReply = z.infer<typeof retentionReply>;
