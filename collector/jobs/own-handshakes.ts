import { UNKNOWN_HANDSHAKE } from "../../lib/domain/handshake.ts";
import type { OwnHandshakes } from "../../lib/runtime/own-handshakes.ts";
import { emptyIntake } from "../pipeline/intake.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Job } from "./scheduler.ts";

const EVERY_MS = 10_000;
const NATIVE = "native";

/** Takes the handshakes of the collector's own TLS port into its telemetry, as a sender of native events would tell them. */
export function ownTelemetry(own: OwnHandshakes, pipeline: Pick<Pipeline, "submit">): Job {
  return {
    name: "own handshakes",
    everyMs: EVERY_MS,
    run: async (nowMs) => {
      const seen = own.take(nowMs);
      if (seen.length === 0) return;
      const key = { source: NATIVE, transport: "itself", sender: "reprise-collector" };
      const intake = emptyIntake(key, { source: NATIVE, system: null, vantage: "log" });
      for (const { ts, endpoint, node, protocol, outcome, mechanism = null, count } of seen)
        intake.handshakes.push({
          ...{ ...UNKNOWN_HANDSHAKE, atMs: ts, endpoint, node, outcome, mechanism, count },
          protocol: protocol === "TLSv1.3" ? "TLSv1.3" : "TLSv1.2",
        });
      await pipeline.submit(intake);
    },
  };
}
