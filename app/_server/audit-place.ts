import type { z } from "zod";
import type { auditParams } from "@/lib/contract/read-audit.ts";
import { INSTALLATION } from "@/lib/store/port-audit.ts";
import type { Place } from "@/lib/store/port-people.ts";
import { ProhibitedProblem } from "./answer.ts";
import type { Visitor } from "./visitor.ts";

/** Whose log somebody reads. Throws ProhibitedProblem where the installation's is not theirs. */
export function auditPlaceOf(
  { at, fleetRole }: Pick<Visitor, "at" | "fleetRole">,
  { of }: Pick<z.infer<typeof auditParams>, "of">,
): Place {
  if (of !== "installation") return at.tenant;
  if (fleetRole !== "admin") throw new ProhibitedProblem("This log is for administrators of every tenant.");
  return INSTALLATION;
}
