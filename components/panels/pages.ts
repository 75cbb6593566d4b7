import type { Role } from "@/lib/domain/roles.ts";

export type Page = {
  readonly href: string;
  readonly label: string;
  /** The least role that is shown the page; everybody where it is left out. */
  readonly need?: Role;
};

/** Pages of the navigation, in its order. */
export const PAGES: readonly Page[] = [
  { href: "/", label: "Overview" },
  { href: "/incidents", label: "Incidents" },
  { href: "/alerts", label: "Alerts" },
  { href: "/changes", label: "Changes" },
  { href: "/keys", label: "Keys" },
  { href: "/security", label: "Security" },
  { href: "/policy", label: "Policy" },
  { href: "/probes", label: "Probes" },
  { href: "/sources", label: "Sources" },
  { href: "/audit", label: "Audit", need: "admin" },
  { href: "/settings/people", label: "People", need: "admin" },
  { href: "/settings/tokens", label: "Tokens", need: "admin" },
  { href: "/settings/retention", label: "Retention", need: "admin" },
];

/** Pages below those, which the palette finds too. */
export const SUB_PAGES: readonly Page[] = [
  { href: "/keys/lab", label: "Policy lab" },
  { href: "/keys/emergency", label: "Emergency rotation" },
  { href: "/account", label: "Account" },
];
