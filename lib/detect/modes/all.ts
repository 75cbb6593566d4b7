import { antiReplayStore } from "./anti-replay-store.ts";
import { cacheFlush } from "./cache-flush.ts";
import { cachePartition } from "./cache-partition.ts";
import { cacheSlow } from "./cache-slow.ts";
import { cacheUndersized } from "./cache-undersized.ts";
import { certContext } from "./cert-context.ts";
import { clientAuthOn } from "./client-auth-on.ts";
import { clientRelease } from "./client-release.ts";
import { clockSkew } from "./clock-skew.ts";
import { earlyDataRejected } from "./early-data-rejected.ts";
import { handshakesFail } from "./handshakes-fail.ts";
import { hashMismatch } from "./hash-mismatch.ts";
import { keysNotShared } from "./keys-not-shared.ts";
import { latencyRegression } from "./latency-regression.ts";
import { lifetimeShortened } from "./lifetime-shortened.ts";
import type { Mode } from "./mode.ts";
import { propagationRace } from "./propagation-race.ts";
import { regionFailover } from "./region-failover.ts";
import { reloadDropsKeys } from "./reload-drops-keys.ts";
import { rotationNoRetain } from "./rotation-no-retain.ts";
import { slowLeak } from "./slow-leak.ts";
import { stekDesync } from "./stek-desync.ts";
import { stickinessLost } from "./stickiness-lost.ts";
import { ticketReplay } from "./ticket-replay.ts";
import { ticketsDisabled } from "./tickets-disabled.ts";
import { uniqueKeys } from "./unique-keys.ts";

/** Every failure mode that a departure of handshakes is compared with. Overdue rotations are told by their schedule. */
export const MODES: readonly Mode[] = [
  stekDesync,
  rotationNoRetain,
  keysNotShared,
  reloadDropsKeys,
  cacheFlush,
  cacheUndersized,
  cachePartition,
  stickinessLost,
  ticketsDisabled,
  lifetimeShortened,
  certContext,
  clientRelease,
  slowLeak,
  clockSkew,
  regionFailover,
  uniqueKeys,
  propagationRace,
  hashMismatch,
  clientAuthOn,
  earlyDataRejected,
  antiReplayStore,
  latencyRegression,
  cacheSlow,
  ticketReplay,
  handshakesFail,
];
