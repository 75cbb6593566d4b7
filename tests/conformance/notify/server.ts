import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { AlertMessage } from "../../../lib/alerting/message.ts";
import { Authority } from "../../support/certificates.ts";

export type Received = {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
};
type Answer = (received: Received, response: ServerResponse) => void;

/** A receiver of the outside: a real HTTP or HTTPS server that keeps what it got and answers as it is told. */
export class Receiver {
  readonly received: Received[] = [];
  readonly #server: Server;
  answer: Answer;

  constructor(answer: Answer, tls: { cert: Buffer; key: Buffer } | null = null) {
    this.answer = answer;
    const take = (request: IncomingMessage, response: ServerResponse): void => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const got = {
          path: request.url ?? "",
          headers: request.headers,
          body: Buffer.concat(parts).toString("utf8"),
        };
        this.received.push(got);
        this.answer(got, response);
      });
    };
    this.#server = tls ? createTlsServer(tls, take) : createServer(take);
  }

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    const { port } = this.#server.address() as AddressInfo;
    return `127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

/** Certificates of a CA that nobody trusts by default. */
export const AUTHORITY = new Authority("Receivers");

/** A message as an incident tells it. */
export const MESSAGE: AlertMessage = {
  ...{ id: "0123456789abcdef0123456789abcdef", thread: "incident:inc-7", reason: "first", severity: "page" },
  title:
    "Accept rate at shop.example <b>: 30.0 % of 1,000 offers, where 95.0 % was expected, since 12:05 UTC",
  atMs: Date.UTC(2026, 10, 24, 12, 15),
  alerts: [
    {
      ...{ id: "a1b2c3d4e5f60718", ruleId: "incident-page", title: "Resumption departed", severity: "page" },
      labels: { endpoint: "shop.example", node: "edge-3", severity: "page", rule: "incident-page" },
      summary: "Accept rate at shop.example: 30.0 %",
      ...{ firing: true, firedMs: Date.UTC(2026, 10, 24, 12, 10), resolvedMs: null },
      runbookUrl: "https://reprise.example/runbooks/FM-02",
    },
  ],
  diagnosis: {
    ...{
      incidentId: "inc-7",
      headline: "Accept rate at shop.example: 30.0 %",
      mode: "One node holds another key",
    },
    ...{ probability: 0.91, cause: "Key rotation, 12:02 UTC (84.0 % likely)", cpuAtRiskCores: 3.2 },
    ...{
      recovery: "90 % should be back by 14:05 UTC.",
      firstAction: "Drain edge-3.",
      doNots: ["Do not rotate again."],
    },
  },
  url: "https://reprise.example/incidents/inc-7",
  course: {
    ...{ label: "accept", unit: "ratio", expected: 0.95 },
    points: [0.95, 0.94, null, 0.3, 0.31].map((value, i) => ({ t: Date.UTC(2026, 10, 24, 12, i), value })),
  },
};
export const OVER: AlertMessage = {
  ...MESSAGE,
  ...{
    id: "fedcba9876543210fedcba9876543210",
    reason: "resolved",
    title: "Over: Accept rate at shop.example",
  },
  alerts: MESSAGE.alerts.map((alert) => ({ ...alert, firing: false, resolvedMs: MESSAGE.atMs })),
};
