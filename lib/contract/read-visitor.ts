import { z } from "zod";
import { ROLES } from "../domain/roles.ts";

const membership = z.object({ name: z.string(), role: z.enum(ROLES) });

/** Who the console takes the asker for. */
export const visitorReply = z.object({
  kind: z
    .enum(["person", "token", "local"])
    .describe("local: sign-in is off, and whoever is at this machine"),
  actor: z.string().nullable().describe("as it stands in the audit log; null: nobody is signed in"),
  at: membership.describe("the tenant that is looked at, and as what"),
  fleetRole: z.enum(ROLES).nullable().describe("the role that holds for the installation itself; null: none"),
  tenants: z.array(membership).describe("every tenant that may be looked at"),
});
export type VisitorReply = z.infer<typeof visitorReply>;

export const tenantChoiceBody = z.object({ tenant: z.string().min(1).max(253) });
