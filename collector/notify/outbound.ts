/** HTTP to the outside, as notifiers get it: with the guard that keeps webhooks from reaching inside (outbound-http.ts). */

export type OutboundRequest = {
  readonly method: "POST" | "PUT" | "GET";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
};

/** `refused`: it was not sent, since the address may not be reached. `failed`: no answer, or none that was complete. */
export type OutboundAnswer =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** Lower-case names. */
      readonly headers: Readonly<Record<string, string>>;
      /** At most 64 KiB of it. */
      readonly body: string;
    }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

/** An address that may be reached. */
export type Resolved =
  | { readonly kind: "address"; readonly address: string }
  | Extract<OutboundAnswer, { kind: "refused" | "failed" }>;

export interface OutboundHttp {
  /** An address of a host that may be reached, for protocols other than HTTP. Never throws. */
  resolve(host: string): Promise<Resolved>;
  /** Never throws; redirects are not followed. */
  request(request: OutboundRequest): Promise<OutboundAnswer>;
}
