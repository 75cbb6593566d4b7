/** An endpoint with its share of visits. */
export type Endpoint = { readonly name: string; readonly weight: number };
/** A machine of the lab; every endpoint runs on each. */
export type Machine = { readonly node: string; readonly region: string };
/** What the lab is made of. */
export type Topology = { readonly endpoints: readonly Endpoint[]; readonly machines: readonly Machine[] };

/** The lab as people see it. */
export const TOPOLOGY: Topology = {
  endpoints: [
    { name: "shop.example", weight: 5 },
    { name: "api.example", weight: 3 },
    { name: "login.example", weight: 1 },
  ],
  machines: [
    { node: "edge-eu-1", region: "eu-west" },
    { node: "edge-eu-2", region: "eu-west" },
    { node: "edge-us-1", region: "us-east" },
    { node: "edge-us-2", region: "us-east" },
    { node: "edge-ap-1", region: "ap-south" },
    { node: "edge-ap-2", region: "ap-south" },
  ],
};
