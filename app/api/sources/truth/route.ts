import { actsOf } from "@/app/_server/acts.ts";
import { answer, bodyOf, json, problem } from "@/app/_server/answer.ts";
import { isSameOrigin } from "@/app/_server/origin.ts";
import { truthChoiceBody } from "@/lib/contract/read-sources.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** Chooses which of two views of the same handshakes the rates of a node's product are made of. */
export function POST(request: Request): Promise<Response> {
  return answer(async () => {
    if (!isSameOrigin(request))
      return problem(403, { error: "Choices are made from the console itself only." });
    const choice = await bodyOf(request, truthChoiceBody);
    await actsOf(request).chooseTruth(DEFAULT_TENANT, choice);
    return json(choice);
  });
}
