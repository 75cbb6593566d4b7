import { expect, it } from "vitest";
import { openGrant } from "../../../lib/domain/source-token.ts";
import { WorldError } from "../../../lib/runtime/invariant.ts";
import { makeMetrics } from "../../../lib/runtime/metrics.ts";
import { logsRequest } from "../../../tests/support/otlp.ts";
import { type Intake, replyOf } from "../../pipeline/intake.ts";
import { Formats } from "../../sources/formats/configured.ts";
import { OtlpLogsRoute } from "./logs-route.ts";

const NOW_MS = 1_764_000_000_000;

it("loses nothing of a push whose commit failed, though its lines have been read already", async () => {
  const taken: Intake[] = [];
  let failures = 1;
  const route = new OtlpLogsRoute({
    tenant: 1,
    pipeline: {
      submit: async (intake) => {
        if (failures > 0) {
          failures -= 1;
          throw new WorldError("the disk is full", { retryable: true });
        }
        taken.push(intake);
        return replyOf(intake);
      },
    },
    store: { findBatch: async () => null },
    clock: () => NOW_MS,
    metrics: makeMetrics(),
    formats: Formats.compile([], ""),
    settings: { maxLineBytes: 10_000, maxPastMs: 1_000_000, maxFutureMs: 1_000 },
  });
  const line = JSON.stringify({
    msec: String(NOW_MS / 1000),
    pid: 7,
    connection: 1,
    connection_requests: 1,
    ssl_protocol: "TLSv1.3",
    ssl_session_reused: "r",
    ssl_server_name: "shop.example",
  });
  const body = Buffer.from(logsRequest({ "host.name": "edge-1" }, [{ observedMs: NOW_MS, body: line }]));
  const push = () =>
    route.accept({
      headers: { "content-type": "application/x-protobuf" },
      query: new URLSearchParams(),
      body,
      grant: openGrant(1),
    });
  await expect(push()).rejects.toThrow("the disk is full");
  expect((await push()).status).toBe(200);
  expect(taken.map(({ handshakes, ignored }) => [handshakes.length, ignored])).toEqual([[1, 0]]);
  expect(taken[0]?.key).toEqual({ source: "nginx", transport: "otlp", sender: "edge-1" });
});
