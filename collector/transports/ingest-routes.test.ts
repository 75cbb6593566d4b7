import { expect, it } from "vitest";
import { openGrant } from "../../lib/domain/source-token.ts";
import { WorldError } from "../../lib/runtime/invariant.ts";
import type { WriteStore } from "../../lib/store/port.ts";
import { type Intake, replyOf } from "../pipeline/intake.ts";
import { Formats } from "../sources/formats/configured.ts";
import { IngestRoutes } from "./ingest-routes.ts";

const NOW_MS = 1_764_000_000_000;
const line = (connection: number, request = 1) =>
  JSON.stringify({
    msec: String(NOW_MS / 1000),
    pid: 7,
    connection,
    connection_requests: request,
    ssl_protocol: "TLSv1.3",
    ssl_session_reused: "r",
    ssl_server_name: "shop.example",
  });

it.each([null, "push-1"])(
  "loses nothing of lines whose commit failed, sent again with key %s",
  async (key) => {
    const taken: Intake[] = [];
    let failures = 2;
    const routes = new IngestRoutes({
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
      store: { findBatch: async () => null } satisfies Pick<WriteStore, "findBatch">,
      clock: () => NOW_MS,
      formats: Formats.compile([], ""),
      settings: { maxLineBytes: 10_000, maxPastMs: 1_000_000, maxFutureMs: 1_000 },
    });
    const push = (...lines: string[]) =>
      routes.accept({
        path: "/v1/lines/nginx",
        query: new URLSearchParams({ node: "edge-1" }),
        body: Buffer.from(lines.join("\n")),
        idempotencyKey: key,
        grant: openGrant(1),
      });
    await expect(push(line(1), line(2))).rejects.toThrow("the disk is full");
    await expect(push(line(1), line(2))).rejects.toThrow("the disk is full");
    expect(await push(line(1), line(2))).toMatchObject({ accepted: 2, duplicate: 0 });
    expect(taken.map(({ handshakes, ignored }) => [handshakes.length, ignored])).toEqual([[2, 0]]);
    // Later lines of these connections are repeats, as after any push that was taken.
    await push(line(1, 2), line(3));
    expect(taken.map(({ handshakes, ignored }) => [handshakes.length, ignored])).toEqual([
      [2, 0],
      [1, 1],
    ]);
  },
);
