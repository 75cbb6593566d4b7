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

/** So many 32-bit words as hex digits. */
export const hexOf = (random: () => number, words: number): string =>
  Array.from({ length: words }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");

const FAMILIES = ["chrome", "safari", "firefox", "ios", "android", "go", "java", "okhttp"];
const REGIONS = ["eu-west", "us-east", "us-west", "ap-south", "sa-east"];
const ENDPOINTS = 60;
const NODES = 20;

/**
 * Lines of native NDJSON, spread over `spanMs` up to `endMs`; popularity of endpoints falls off as in life. `tickets`: with ticket
 * and client.
 */
export function nativeLines(count: number, at: Span & { readonly tickets?: boolean }): string[] {
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

/** From when to when events happen, and the seed of all that is by chance. */
export type Span = { readonly seed: number; readonly endMs: number; readonly spanMs: number };

/** Access log lines of nginx in the recommended format, one connection each, numbered from `firstConnection` on. */
export function nginxLines(count: number, at: Span, firstConnection = 1): string[] {
  const random = seeded(at.seed);
  return Array.from({ length: count }, (_, i) => {
    const seconds = (at.endMs - at.spanMs + (i / count) * at.spanMs) / 1_000;
    return JSON.stringify({
      msec: seconds.toFixed(3),
      pid: 100 + (i % 4),
      connection: firstConnection + i,
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

/** Lines of HAProxy in the recommended format, one connection each. */
export function haproxyLines(count: number, at: Span): string[] {
  const random = seeded(at.seed);
  return Array.from({ length: count }, (_, i) => {
    return JSON.stringify({
      log_ms: Math.floor(at.endMs - at.spanMs + (i / count) * at.spanMs),
      fe: "https",
      pid: 100,
      rt: i,
      ci: `203.0.113.${i % 250}`,
      cp: 1_024 + (i % 60_000),
      sslv: random() < 0.85 ? "TLSv1.3" : "TLSv1.2",
      sslc: "TLS_AES_128_GCM_SHA256",
      resumed: random() < 0.62 ? "1" : "0",
      sni: `ep-${Math.floor(ENDPOINTS * random() ** 3)}.example`,
      sid: "",
      client_random: hexOf(random, 8),
      fc_rtt_us: 12_000,
      Th: Math.floor(random() * 30),
      Tt: 42,
      ua: "okhttp/4.12.0",
    });
  });
}

/** Access log lines of Caddy, one connection each. */
export function caddyLines(count: number, at: Span): string[] {
  const random = seeded(at.seed);
  return Array.from({ length: count }, (_, i) => {
    const host = `ep-${Math.floor(ENDPOINTS * random() ** 3)}.example`;
    return JSON.stringify({
      level: "info",
      ts: (at.endMs - at.spanMs + (i / count) * at.spanMs) / 1_000,
      logger: "http.log.access",
      msg: "handled request",
      request: {
        remote_ip: `203.0.${Math.floor(i / 60_000) % 250}.${i % 250}`,
        remote_port: String(1_024 + (i % 60_000)),
        proto: "HTTP/2.0",
        method: "GET",
        host,
        uri: "/",
        headers: { "User-Agent": ["okhttp/4.12.0"] },
        tls: {
          resumed: random() < 0.62,
          version: random() < 0.85 ? 772 : 771,
          cipher_suite: 4_865,
          proto: "h2",
          server_name: host,
        },
      },
      user_id: "",
      duration: 0.000_049_924,
      size: 3,
      status: 200,
      resp_headers: { Server: ["Caddy"], "Content-Type": ["text/plain; charset=utf-8"] },
    });
  });
}
