/** How a client family behaves: how it connects, and how it comes back. */
export type Family = {
  readonly userAgent: string;
  readonly protocol: "TLSv1.2" | "TLSv1.3";
  /** Without tickets a TLS 1.2 client resumes by session id. */
  readonly tickets: boolean;
  /** Share of all visits. */
  readonly weight: number;
  /** Clients that come again and again; fewer come back sooner. */
  readonly clients: number;
  /** Chance that a client has lost its sessions since (closed, private, new). */
  readonly forgets: number;
};

/** The lab's visitors. */
export const FAMILIES: readonly Family[] = [
  {
    userAgent:
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    protocol: "TLSv1.3",
    tickets: true,
    weight: 30,
    clients: 220,
    forgets: 0.22,
  },
  {
    userAgent:
      "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1",
    protocol: "TLSv1.3",
    tickets: true,
    weight: 20,
    clients: 160,
    forgets: 0.12,
  },
  {
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    protocol: "TLSv1.3",
    tickets: true,
    weight: 8,
    clients: 90,
    forgets: 0.3,
  },
  { userAgent: "okhttp/5.1.0", protocol: "TLSv1.3", tickets: true, weight: 14, clients: 80, forgets: 0.06 },
  { userAgent: "Java/17.0.15", protocol: "TLSv1.2", tickets: false, weight: 10, clients: 24, forgets: 0.04 },
  {
    userAgent: "Go-http-client/2.0",
    protocol: "TLSv1.2",
    tickets: true,
    weight: 8,
    clients: 30,
    forgets: 0.08,
  },
  {
    userAgent: "python-requests/2.32.5",
    protocol: "TLSv1.3",
    tickets: true,
    weight: 6,
    clients: 60,
    forgets: 0.85,
  },
  { userAgent: "kube-probe/1.34", protocol: "TLSv1.3", tickets: true, weight: 4, clients: 8, forgets: 1 },
];

/** Who comes in a bot flood: never twice with the same session. */
export const SCANNER: Family = {
  userAgent: "Mozilla/5.0 (compatible; LabScanner/1.0; +https://lab.example/bot)",
  protocol: "TLSv1.3",
  tickets: true,
  weight: 1,
  clients: 1,
  forgets: 1,
};
