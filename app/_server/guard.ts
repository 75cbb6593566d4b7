import { type Role, suffices } from "@/lib/domain/roles.ts";
import type { ReadStore, TenantId } from "@/lib/store/port.ts";
import type { PeopleActs } from "@/lib/store/port-audit.ts";
import { addressOf } from "./address.ts";
import { answer, problem } from "./answer.ts";
import { isSameOrigin } from "./origin.ts";
import { stores } from "./stores.ts";
import { nameIn, type Visitor, visitorOf } from "./visitor.ts";

/** What a route knows of a request that it may answer. */
export type Ask<P> = {
  readonly request: Request;
  /** Variable parts of the path. */
  readonly path: P;
  readonly visitor: Visitor;
  /** The one tenant whose data may be read and written. */
  readonly tenant: TenantId;
  readonly reader: ReadStore;
  /** The store for this visitor: whatever is written through it is in the audit log. Nothing else here writes. */
  readonly acts: PeopleActs;
};

type Context<P> = { readonly params: Promise<P> };
type Handler<P> = (ask: Ask<P>) => Promise<Response>;
type Fixed = Readonly<Record<never, string>>;

const READING = new Set(["GET", "HEAD"]);

/**
 * A route for visitors whose role suffices: 401 for nobody known, 403 for too small a role and for what another site's page
 * makes a browser send. Every route of the console is made by this; tests/structure holds it.
 */
export function guarded(need: Role, handler: Handler<Fixed>): (request: Request) => Promise<Response>;
export function guarded<P>(
  need: Role,
  handler: Handler<P>,
): (request: Request, context: Context<P>) => Promise<Response>;
export function guarded<P>(need: Role, handler: Handler<P>) {
  return (request: Request, context?: Context<P>): Promise<Response> =>
    answer(async () => {
      const visitor = await visitorOf(request.headers, nameIn(request.headers, request.url));
      if (!visitor) return problem(401, { error: "Sign in first." });
      const refusal = refusalOf(request, visitor, need);
      if (refusal) return refusal;
      const { reader, auditor } = stores();
      const acts = auditor.as({ actor: visitor.actor, address: addressOf(request) });
      const path = (await context?.params) ?? ({} as P);
      return handler({ request, path, visitor, tenant: visitor.at.tenant, reader, acts });
    });
}

function refusalOf(request: Request, visitor: Visitor, need: Role): Response | null {
  // Nothing but a browser sends by itself what says who somebody is.
  if (!READING.has(request.method) && visitor.kind !== "token" && !isSameOrigin(request))
    return problem(403, { error: "This is done from the console itself only." });
  const { role } = visitor.at;
  if (suffices(role, need)) return null;
  return problem(403, { error: `This needs the role ${need}, and yours is ${role}.` });
}
