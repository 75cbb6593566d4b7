/**
 * The tenant that this page was made for, as a header: another tab may have gone over to another one since. Nothing outside of a page.
 */
export function tenantHeader(): Record<string, string> {
  const page = globalThis.document?.querySelector<HTMLMetaElement>('meta[name="reprise-tenant"]');
  return page ? { "x-reprise-tenant": encodeURIComponent(page.content) } : {};
}
