/** What the console asks for: the same requests from the browser (fetch) and from the server (read directly). */
import type {
  ChangesReply,
  EffectReply,
  HeatmapReply,
  SegmentsReply,
  SeriesReply,
  SummaryReply,
} from "../contract/read.ts";
import type { SourcesReply } from "../contract/read-sources.ts";

export type Params = Readonly<Record<string, string>>;

/** Each request of the read API by name, with its answer. */
export type Replies = {
  summary: SummaryReply;
  series: SeriesReply;
  heatmap: HeatmapReply;
  segments: SegmentsReply;
  changes: ChangesReply;
  sources: SourcesReply;
  effect: EffectReply;
};
export type RequestName = keyof Replies;
export type Transport = <N extends RequestName>(
  name: N,
  params: Params,
  signal?: AbortSignal,
) => Promise<Replies[N]>;

/** An answer that was not what was asked for: its status, and the server's sentence. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const pathOf = (name: RequestName, params: Params): string =>
  name === "effect" ? `/api/changes/${encodeURIComponent(params.id ?? "")}/effect` : `/api/${name}`;

/** Asks over HTTP, from a page. */
export const fetchTransport: Transport = async (name, params, signal) => {
  const query = name === "effect" ? "" : `?${new URLSearchParams(params)}`;
  const response = await fetch(`${pathOf(name, params)}${query}`, signal ? { signal } : {});
  if (response.ok) return response.json();
  const body = (await response.json().catch(() => null)) as { error?: string } | null;
  throw new ApiError(response.status, body?.error ?? `The console answered ${response.status}.`);
};
