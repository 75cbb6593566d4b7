import { bodyOf, ConflictProblem, json, NotFoundProblem } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { rotateBody } from "@/lib/contract/read-tokens.ts";
import { successorOf } from "@/lib/people/new-token.ts";

export const dynamic = "force-dynamic";

/** Makes a token that takes over from another, which lives on for a while. */
export const POST = guarded<{ id: string }>(
  "admin",
  async ({ request, visitor, tenant, acts, path: { id } }) => {
    const { overlapMs } = await bodyOf(request, rotateBody);
    const old = (await acts.tokens.readTokens(tenant)).find((token) => token.id === id);
    if (!old) throw new NotFoundProblem("There is no such token.");
    const nowMs = Date.now();
    const { token, text } = successorOf(old, { nowMs, by: visitor.actor ?? "the console" });
    const isDone = await acts.tokens.rotateToken(tenant, {
      id,
      untilMs: nowMs + overlapMs,
      successor: token,
    });
    if (!isDone) throw new ConflictProblem("This token is revoked, or has a successor already.");
    return json({ token: text, id: token.id }, 201);
  },
);
