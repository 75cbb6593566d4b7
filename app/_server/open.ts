import { answer, NotFoundProblem, problem } from "./answer.ts";
import { isSameOrigin } from "./origin.ts";
import { signsIn } from "./people.ts";

type Handler = (request: Request) => Promise<Response>;

/**
 * A route that answers people before they are known: only where people sign in, and to nothing that another site's page makes a
 * browser send. What is declared so stands in the list of open routes, with a reason.
 */
export function open(handler: Handler): Handler {
  return (request) =>
    answer(async () => {
      if (!signsIn()) throw new NotFoundProblem("Sign-in is off (REPRISE_AUTH).");
      if (request.method !== "GET" && !isSameOrigin(request))
        return problem(403, { error: "This is done from the console itself only." });
      return handler(request);
    });
}
