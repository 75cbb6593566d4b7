/** Names, in an address, the tenant that is asked of: downloads, and links from outside, which go over to it first (proxy.ts). */
export const TENANT_PARAM = "tenant";
