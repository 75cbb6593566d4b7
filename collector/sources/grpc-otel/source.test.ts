import { expect, it } from "vitest";
import type { MetricPoint } from "../metric-source.ts";
import { grpcOtelSource } from "./source.ts";

const DEFAULTS = { endpoint: "shop.example", node: "edge-1", region: null };
const point = (name: string, labels: Record<string, string>): MetricPoint => ({
  name,
  labels,
  value: 1,
  atMs: 1,
  kind: "total",
  startedMs: null,
});
const place = (name: string, labels: Record<string, string>) =>
  grpcOtelSource.place?.(point(name, labels), DEFAULTS) ?? null;

it("places the proposal's metrics by side, result and resumption", () => {
  const server = (result: string, resumed?: string) =>
    place("grpc.server.tls.handshakes", {
      "grpc.tls.handshake.result": result,
      ...(resumed ? { "grpc.tls.handshake.resumed": resumed } : {}),
    });
  const common = { endpoint: "shop.example", node: "edge-1", gauge: false };
  expect(server("SUCCESS", "FULL_HANDSHAKE")).toEqual(
    expect.objectContaining({ ...common, counter: "full", scope: "server FULL_HANDSHAKE" }),
  );
  expect(server("SUCCESS", "RESUMED_HANDSHAKE")).toMatchObject({ counter: "resumed" });
  expect(server("SUCCESS")).toMatchObject({ counter: "completed", scope: "server" });
  expect(server("SUCCESS", "SOMETHING_NEW")).toMatchObject({ counter: "completed" });
  expect(server("CERTIFICATE_EXPIRED")).toMatchObject({
    counter: "failed",
    scope: "server CERTIFICATE_EXPIRED",
  });
  expect(server("not a result")).toBeNull();
  expect(server("")).toBeNull();
});

it("takes a client's target for its endpoint, and knows the names of the Prometheus exporter", () => {
  const client = place("grpc_client_tls_handshakes_total", {
    grpc_tls_handshake_result: "SUCCESS",
    grpc_tls_handshake_resumed: "RESUMED_HANDSHAKE",
    grpc_target: "dns:///api.example",
    grpc_lb_locality: "eu",
    instance: "app-7:9464",
  });
  expect(client).toMatchObject({
    endpoint: "dns:///api.example",
    node: "app-7",
    counter: "resumed",
    scope: "app-7:9464 client dns:///api.example eu RESUMED_HANDSHAKE",
  });
  for (const name of [
    "grpc.client.attempt.started",
    "grpc.server.tls.handshakes.x",
    "xgrpc.server.tls.handshakes",
  ])
    expect(place(name, { "grpc.tls.handshake.result": "SUCCESS" })).toBeNull();
});

it("means what the counters say, and no more", () => {
  const { handshakes, breaches } = grpcOtelSource.interpret({ full: 1, resumed: 2, completed: 3, failed: 4 });
  expect(handshakes.map(({ outcome, count, mechanism }) => [outcome, count, mechanism])).toEqual([
    ["full", 1, null],
    ["resumed", 2, null],
    [null, 3, null],
    ["failed", 4, null],
  ]);
  expect(breaches).toEqual([]);
});

it("reads an exporter's page", () => {
  const at = { ...DEFAULTS, atMs: 5, target: "t" };
  const body = `# TYPE grpc_server_tls_handshakes_total counter
grpc_server_tls_handshakes_total{grpc_tls_handshake_result="SUCCESS",grpc_tls_handshake_resumed="FULL_HANDSHAKE"} 12
grpc_server_tls_handshakes_total{grpc_tls_handshake_result="UNKNOWN_FAILURE"} 1
`;
  expect(grpcOtelSource.read(body, at)).toMatchObject({
    ok: true,
    observations: [{ totals: { full: 12 } }, { totals: { failed: 1 } }],
  });
  expect(grpcOtelSource.read("up 1\n", at)).toMatchObject({ ok: false });
  expect(grpcOtelSource.read("{", at)).toMatchObject({ ok: false });
});
