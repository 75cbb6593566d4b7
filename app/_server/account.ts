import type { SignedIn } from "@/lib/people/people.ts";
import { ConflictProblem } from "./answer.ts";
import { people, signsIn } from "./people.ts";

/** The person who asks. Throws ConflictProblem for tokens, and where sign-in is off. */
export async function personOf(request: Request): Promise<SignedIn> {
  const signedIn = signsIn() ? await people().signedIn(request.headers) : null;
  if (!signedIn) throw new ConflictProblem("Only people who are signed in have an account.");
  return signedIn;
}
