import { personOf } from "@/app/_server/account.ts";
import { json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { people } from "@/app/_server/people.ts";
import type { AccountReply } from "@/lib/contract/read-people.ts";

export const dynamic = "force-dynamic";

/** What somebody knows of themselves: their sessions, and whether a second factor is asked for. */
export const GET = guarded("viewer", async ({ request }) => {
  const { userId, email, name, secondFactor, sessionId } = await personOf(request);
  const sessions = await people().sessions(userId);
  return json({
    ...{ email, name, secondFactor },
    sessions: sessions.map((session) => ({ ...session, current: session.id === sessionId })),
  } satisfies AccountReply);
});
