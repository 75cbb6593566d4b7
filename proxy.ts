import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { tenantCookie } from "./app/_server/tenant-cookie.ts";
import { TENANT_PARAM } from "./lib/domain/tenant-param.ts";

/**
 * Gives each page a nonce for its scripts, and says what else it may load: nothing but what this console serves. It decides nothing about
 * who may see what (docs/decisions/019-people-and-tenants.md).
 */
export function proxy(request: NextRequest): NextResponse {
  const tenant = request.nextUrl.searchParams.get(TENANT_PARAM);
  if (tenant) return goneOver(request, tenant);
  const nonce = randomBytes(16).toString("base64");
  const policy = policyOf(nonce);
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  // Next takes the nonce for its own scripts from here.
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}

/** A link from outside names its tenant: the browser is told to remember it, and goes on to the page itself. */
function goneOver(request: NextRequest, tenant: string): NextResponse {
  const page = request.nextUrl.clone();
  page.searchParams.delete(TENANT_PARAM);
  // Next makes it relative where it leads to itself, so that it holds for whatever name this console is reached by.
  const response = NextResponse.redirect(page, 307);
  response.headers.append("set-cookie", tenantCookie(tenant));
  return response;
}

/** Charts and dialogs place things by style attributes, which run nothing; style sheets and scripts need the nonce. */
function policyOf(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

export const config = { matcher: ["/((?!api/|_next/static|healthz|icon.svg).*)"] };
