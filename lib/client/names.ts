/** How "not known" stands in URLs and filters (the same as UNKNOWN_VALUE of the read contract). */
export const UNKNOWN_NAME = "(unknown)";
