/** How a client family behaves: how it connects, and how it comes back. */
export type Family = {
  readonly userAgent: string;
  readonly protocol: "TLSv1.2" | "TLSv1.3";
  /** Without tickets a TLS 1.2 client resumes by session id. */
  readonly tickets: boolean;
  /** Share of all visits. */
  readonly weight: number;
  /** How long a client stays away on average, lab minutes. */
  readonly returnMinutes: number;
  /** Chance that a client has lost its sessions since (closed, private, new). */
  readonly forgets: number;
  /** Comes to one node always, as what is balanced by source address does; else to any node of its region. */
  readonly pinned?: true;
};

/** The lab's visitors. */
export const FAMILIES: readonly Family[] = [
  {
    userAgent:
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    protocol: "TLSv1.3",
    tickets: true,
    weight: 30,
    returnMinutes: 9,
    forgets: 0.22,
  },
  {
    userAgent:
      "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1",
    protocol: "TLSv1.3",
    tickets: true,
    weight: 20,
    returnMinutes: 7,
    forgets: 0.12,
  },
  {
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    protocol: "TLSv1.3",
    tickets: true,
    weight: 8,
    returnMinutes: 10,
    forgets: 0.3,
  },
  {
    userAgent: "okhttp/5.1.0",
    protocol: "TLSv1.3",
    tickets: true,
    weight: 14,
    returnMinutes: 5,
    forgets: 0.06,
  },
  {
    userAgent: "Java/17.0.15",
    protocol: "TLSv1.2",
    tickets: false,
    weight: 20,
    returnMinutes: 18,
    forgets: 0.04,
    pinned: true,
  },
  {
    userAgent: "Go-http-client/2.0",
    protocol: "TLSv1.2",
    tickets: true,
    weight: 8,
    returnMinutes: 5,
    forgets: 0.08,
  },
  {
    userAgent: "python-requests/2.32.5",
    protocol: "TLSv1.3",
    tickets: true,
    weight: 6,
    returnMinutes: 10,
    forgets: 0.85,
  },
  {
    userAgent: "kube-probe/1.34",
    protocol: "TLSv1.3",
    tickets: true,
    weight: 4,
    returnMinutes: 5,
    forgets: 1,
  },
];

/** Who comes in a bot flood: never twice with the same session. */
export const SCANNER: Family = {
  userAgent: "Mozilla/5.0 (compatible; LabScanner/1.0; +https://lab.example/bot)",
  protocol: "TLSv1.3",
  tickets: true,
  weight: 1,
  returnMinutes: 1,
  forgets: 1,
};
