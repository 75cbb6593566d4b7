/** A small seeded generator of events, the same for every run and every yardstick. */

/** Numbers in [0, 1) from a seed (xorshift32). */
export function seeded(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

const FAMILIES = ["chrome", "safari", "firefox", "ios", "android", "go", "java", "okhttp"];
const REGIONS = ["eu-west", "us-east", "us-west", "ap-south", "sa-east"];
const ENDPOINTS = 60;
const NODES = 20;

/**
 * Lines of native NDJSON, spread over `spanMs` up to `endMs`; popularity of endpoints falls off as in life. `tickets`: with ticket
 * and client.
 */
export function nativeLines(
  count: number,
  at: { seed: number; endMs: number; spanMs: number; tickets?: boolean },
): string[] {
  const random = seeded(at.seed);
  const hidden = seeded(at.seed + 1);
  // A ticket a connection, as TLS 1.3 has it, now and then one again; clients of 5,000 networks.
  const identifiers = (i: number) => ({
    ticketId: (hidden() < 0.05 ? i - 1 : i).toString(16).padStart(32, "7"),
    client: `10.${Math.floor(20 * hidden())}.${Math.floor(250 * hidden())}.${Math.floor(250 * hidden())}`,
  });
  return Array.from({ length: count }, (_, i) => {
    const node = Math.floor(random() * NODES);
    const tls13 = random() < 0.85;
    const resumed = random() < 0.62;
    const mechanism = tls13 ? "psk" : random() < 0.7 ? "ticket" : "session_id";
    return JSON.stringify({
      ts: Math.floor(at.endMs - at.spanMs + (i / count) * at.spanMs),
      endpoint: `ep-${Math.floor(ENDPOINTS * random() ** 3)}.example`,
      node: `edge-${node}`,
      region: REGIONS[node % REGIONS.length],
      family: FAMILIES[Math.floor(random() * FAMILIES.length)],
      protocol: tls13 ? "TLSv1.3" : "TLSv1.2",
      outcome: resumed ? "resumed" : "full",
      offer: resumed ? mechanism : "none",
      mechanism: resumed ? mechanism : null,
      handshakeUs: Math.round(Math.exp(6.5 + random() * 2.5)),
      ...(at.tickets ? identifiers(i) : {}),
    });
  });
}

/** Access log lines of nginx in the recommended format, one connection each. */
export function nginxLines(count: number, at: { seed: number; endMs: number; spanMs: number }): string[] {
  const random = seeded(at.seed);
  return Array.from({ length: count }, (_, i) => {
    const seconds = (at.endMs - at.spanMs + (i / count) * at.spanMs) / 1_000;
    return JSON.stringify({
      msec: seconds.toFixed(3),
      pid: 100 + (i % 4),
      connection: i + 1,
      connection_requests: 1,
      connection_time: "0.012",
      request_time: "0.002",
      ssl_protocol: random() < 0.85 ? "TLSv1.3" : "TLSv1.2",
      ssl_cipher: "TLS_AES_128_GCM_SHA256",
      ssl_session_reused: random() < 0.62 ? "r" : ".",
      ssl_session_id: Math.floor(random() * 2 ** 32).toString(16),
      ssl_early_data: "",
      ssl_server_name: `ep-${Math.floor(ENDPOINTS * random() ** 3)}.example`,
      http_user_agent: "okhttp/4.12.0",
    });
  });
}
