import { bodyOf, json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { type TokensReply, type TokenView, tokenBody } from "@/lib/contract/read-tokens.ts";
import { type SourceToken, tokenState } from "@/lib/domain/source-token.ts";
import { newToken } from "@/lib/people/new-token.ts";
import { ParameterProblem } from "@/lib/read/problem.ts";

export const dynamic = "force-dynamic";

function viewOf(token: SourceToken, nowMs: number): TokenView {
  const { tenant: _, secretHash: __, ...shown } = token;
  const { scopes, endpoints, nodes } = shown;
  return {
    ...{ ...shown, state: tokenState(token, nowMs), scopes: [...scopes] },
    ...{ endpoints: endpoints && [...endpoints], nodes: nodes && [...nodes] },
  };
}

/** Tokens of the tenant, the newest first. */
export const GET = guarded("admin", async ({ tenant, reader }) => {
  const nowMs = Date.now();
  const tokens = (await reader.tokens.readTokens(tenant)).map((token) => viewOf(token, nowMs));
  return json({ nowMs, tokens } satisfies TokensReply);
});

/** Makes a token; it is shown once and kept nowhere. */
export const POST = guarded("admin", async ({ request, visitor, tenant, acts }) => {
  const body = await bodyOf(request, tokenBody);
  const nowMs = Date.now();
  if (body.expiresMs !== null && body.expiresMs <= nowMs)
    throw new ParameterProblem("expiresMs", "the end has to lie ahead");
  const createdBy = visitor.actor ?? "the console";
  const about = { ...body, tenant, createdBy, scopes: [...new Set(body.scopes)] };
  const { token, text } = newToken(about, nowMs);
  await acts.tokens.createToken(tenant, token);
  return json({ token: text, id: token.id }, 201);
});
