import { isName } from "../pipeline/names.ts";
import { HttpProblem } from "./body.ts";

/** The sender that a push names: its node, "" where it names none. Throws HttpProblem 400 for what can be no name. */
export function senderOf(query: URLSearchParams): string {
  const node = query.get("node") ?? "";
  if (!isName(node))
    throw new HttpProblem(400, "node is longer than 253 characters, or holds some that do not show");
  return node;
}
