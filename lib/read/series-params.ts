import type { z } from "zod";
import type { seriesParams } from "../contract/read.ts";

/** Parameters of /api/series, as its contract reads them. */
export type SeriesParams = z.infer<typeof seriesParams>;
/** Most series of one answer: the ones with most handshakes. */
export const MAX_SERIES = 200;
