const YEAR_S = 365 * 86_400;

export const TENANT_COOKIE = "reprise-tenant";

/** Makes a browser remember which tenant it looks at. It opens nothing: whoever has no role there is shown their own. */
export function tenantCookie(tenant: string): string {
  const value = encodeURIComponent(tenant);
  return `${TENANT_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${YEAR_S}`;
}
