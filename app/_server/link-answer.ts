import type { LinkProblem } from "@/lib/people/people.ts";
import { ConflictProblem, json, NotFoundProblem } from "./answer.ts";

/** The answer to who used a one-time link. */
export function linkAnswer(told: LinkProblem | null): Response {
  if (told === "known")
    throw new ConflictProblem("There is somebody with this address: sign in, and open the link again.");
  if (told === "gone") throw new NotFoundProblem("This link does not work any more.");
  return json({ ok: true });
}
