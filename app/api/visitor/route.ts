import { json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { replyOf } from "@/app/_server/visitor.ts";

export const dynamic = "force-dynamic";

/** Who the console takes the asker for. */
export const GET = guarded("viewer", async ({ visitor }) => json(replyOf(visitor)));
