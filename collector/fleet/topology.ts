/** An endpoint with its share of visits. */
export type Endpoint = { readonly name: string; readonly weight: number };
/** A machine of the lab; every endpoint runs on each. */
export type Machine = { readonly node: string; readonly region: string };
/** What the lab is made of. */
export type Topology = { readonly endpoints: readonly Endpoint[]; readonly machines: readonly Machine[] };

/**
 * The lab as people see it. A region of four can tell which of its nodes is out of step: with tickets that wander among N
 * nodes it loses (N-1)/N, the others 1/N (DOMAIN 4.0, law 1). Of two nobody can say.
 */
export const TOPOLOGY: Topology = {
  endpoints: [
    { name: "shop.example", weight: 5 },
    { name: "api.example", weight: 3 },
    { name: "login.example", weight: 1 },
  ],
  machines: [
    { node: "edge-eu-1", region: "eu-west" },
    { node: "edge-eu-2", region: "eu-west" },
    { node: "edge-eu-3", region: "eu-west" },
    { node: "edge-eu-4", region: "eu-west" },
    { node: "edge-us-1", region: "us-east" },
    { node: "edge-us-2", region: "us-east" },
  ],
};
