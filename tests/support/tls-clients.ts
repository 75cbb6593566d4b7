import { constants } from "node:crypto";
import tls from "node:tls";

export type Made = { full: number; resumed: number };
type Plan = {
  readonly port: number;
  readonly protocol: "TLSv1.2" | "TLSv1.3";
  /** TLS 1.2 without tickets resumes by session id. */
  readonly tickets: boolean;
  readonly connections: number;
  /** Every n-th connection begins anew, without a session. */
  readonly freshEvery: number;
  readonly requests: number;
  readonly serverName?: string;
};

/** Makes real connections one after the other, several requests on each, and counts what the client itself saw. */
export async function makeConnections(plan: Plan): Promise<Made> {
  const made: Made = { full: 0, resumed: 0 };
  let session: Buffer | null = null;
  for (let n = 0; n < plan.connections; n += 1) {
    const one = await connectOnce(plan, n % plan.freshEvery === 0 ? null : session);
    made[one.resumed ? "resumed" : "full"] += 1;
    session = one.session ?? session;
  }
  return made;
}

/** One connection with its requests; answers whether it resumed, and the newest session it was given. */
export function connectOnce(
  plan: Plan,
  session: Buffer | null,
): Promise<{ resumed: boolean; session: Buffer | null }> {
  const { port, protocol, tickets, requests, serverName = "shop.example" } = plan;
  return new Promise((resolve, reject) => {
    let newest: Buffer | null = null;
    let resumed = false;
    let answers = 0;
    const socket = tls.connect({
      host: "127.0.0.1",
      port,
      servername: serverName,
      rejectUnauthorized: false,
      minVersion: protocol,
      maxVersion: protocol,
      ...(session ? { session } : {}),
      ...(tickets ? {} : { secureOptions: constants.SSL_OP_NO_TICKET }),
    });
    const ask = (): void => {
      const close = answers === requests - 1 ? "close" : "keep-alive";
      socket.write(
        `GET / HTTP/1.1\r\nhost: ${serverName}\r\nuser-agent: curl/8.1\r\nconnection: ${close}\r\n\r\n`,
      );
    };
    socket.on("session", (data: Buffer) => {
      newest = data;
    });
    socket.on("secureConnect", () => {
      resumed = socket.isSessionReused();
      ask();
    });
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (!text.includes("\r\n\r\n") || !text.endsWith("ok\n")) return;
      text = "";
      answers += 1;
      if (answers < requests) ask();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve({ resumed, session: newest }));
  });
}
