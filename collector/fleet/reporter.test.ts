import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LabClock } from "./lab-clock.ts";
import { Reporter } from "./reporter.ts";

type Answer = { readonly status: number; readonly body?: unknown };
let server: Server;
let answers: Answer[];
let pushes: { readonly key: string; readonly lines: number }[];
let reporter: Reporter;
let nowMs = 0;

beforeEach(async () => {
  nowMs = Date.UTC(2026, 10, 24, 12);
  answers = [];
  pushes = [];
  server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    pushes.push({ key: String(request.headers["idempotency-key"]), lines: text.split("\n").length });
    const { status, body } = answers.shift() ?? { status: 200, body: { accepted: 1, rejected: 0 } };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const clock = new LabClock({ system: () => nowMs, startMs: nowMs, tempo: 1 });
  reporter = new Reporter(`http://127.0.0.1:${port}`, clock);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const report = (count: number): void => {
  for (let i = 0; i < count; i += 1) reporter.add({ ts: nowMs, outcome: "full" });
};

it("waits a moment for more, and sends them together", async () => {
  report(2);
  reporter.poll();
  nowMs += 1_000;
  report(1);
  reporter.poll();
  await vi.waitFor(() => expect(reporter.waitingSinceMs).toBeNull());
  expect(pushes).toMatchObject([{ lines: 3 }]);
  expect(reporter).toMatchObject({ taken: 3, refused: 0 });
});

it("what the collector will not take is counted as refused with its reason, and not sent again", async () => {
  answers = [
    { status: 413, body: { error: "body too large" } },
    { status: 422, body: { accepted: 0, rejected: 1, errors: [{ index: 0, reason: "ts is not a time" }] } },
    { status: 200, body: { accepted: 2, rejected: 1, errors: [{ index: 2, reason: "unknown outcome" }] } },
  ];
  for (const [count, refusal] of [
    [4, "body too large"],
    [1, "ts is not a time"],
    [3, "unknown outcome"],
  ] as const) {
    report(count);
    await reporter.stop();
    expect(reporter.refusal).toBe(refusal);
  }
  expect(pushes).toHaveLength(3);
  expect(reporter).toMatchObject({ taken: 2, refused: 6, waitingSinceMs: null });
});

it.each([429, 408, 503])("after a %s the same batch comes again under the same key", async (status) => {
  answers = [{ status }];
  report(2);
  await reporter.stop();
  expect(reporter).toMatchObject({ taken: 0, refused: 0, waitingSinceMs: nowMs });
  await reporter.stop();
  expect(reporter).toMatchObject({ taken: 2, waitingSinceMs: null });
  expect(new Set(pushes.map(({ key }) => key)).size).toBe(1);
});
