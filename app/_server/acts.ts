import type { AuditBy, PeopleActs } from "@/lib/store/port-audit.ts";
import { addressOf } from "./address.ts";
import { stores } from "./stores.ts";

/** Whose doing a request is. This release has no sign-in: nobody is known by name. */
export function byOf(request: Request): AuditBy {
  return { actor: null, address: addressOf(request) };
}

/** The store for whoever makes this request: whatever is written through it is in the audit log. Nothing else here writes. */
export function actsOf(request: Request): PeopleActs {
  return stores().auditor.as(byOf(request));
}
