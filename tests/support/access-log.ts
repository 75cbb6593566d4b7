import { appendFileSync, copyFileSync, existsSync, renameSync, truncateSync } from "node:fs";

/** Handshakes written, by outcome, as their writer knows them. */
export type Written = { full: number; resumed: number; failed: number };

type Open = {
  readonly number: number;
  readonly startMs: number;
  readonly resumed: boolean;
  requests: number;
};

/** Connections open at once: their later requests are spread over everything that happens in between. */
const OPEN = 40;

/** Writes nginx access and error lines of connections with several requests, and keeps count of the truth. */
export class AccessLogWriter {
  readonly written: Written = { full: 0, resumed: 0, failed: 0 };
  readonly #access: string;
  readonly #errors: string;
  readonly #random: () => number;
  #open: Open[] = [];
  #last = 0;
  #rotations = 0;

  constructor(paths: { readonly access: string; readonly errors: string }, random: () => number) {
    this.#access = paths.access;
    this.#errors = paths.errors;
    this.#random = random;
  }

  /** Writes so many lines at once. */
  write(lines: number, nowMs: number): void {
    const out = Array.from({ length: lines }, () => this.#line(nowMs));
    appendFileSync(this.#access, `${out.join("\n")}\n`);
    if (this.#random() < 0.7) this.#fail(nowMs);
  }

  /** As logrotate does by default: another name, and a new file. */
  rename(): void {
    this.#rotations += 1;
    for (const file of [this.#access, this.#errors])
      if (existsSync(file)) renameSync(file, `${file}.${this.#rotations}`);
  }

  /** As logrotate's copytruncate; nothing is written in between. */
  copyTruncate(): void {
    this.#rotations += 1;
    for (const file of [this.#access, this.#errors]) {
      if (!existsSync(file)) continue;
      copyFileSync(file, `${file}.${this.#rotations}`);
      truncateSync(file);
    }
  }

  #line(nowMs: number): string {
    const isNew = this.#open.length < OPEN || this.#random() < 0.3;
    const connection = isNew ? this.#begin(nowMs) : this.#pick();
    connection.requests += 1;
    return JSON.stringify({
      msec: (nowMs / 1_000).toFixed(3),
      pid: "7",
      connection: String(connection.number),
      connection_requests: String(connection.requests),
      connection_time: ((nowMs - connection.startMs) / 1_000).toFixed(3),
      request_time: "0.001",
      ssl_protocol: "TLSv1.3",
      ssl_cipher: "TLS_AES_128_GCM_SHA256",
      ssl_session_reused: connection.resumed ? "r" : ".",
      ssl_session_id: "",
      ssl_early_data: "",
      ssl_server_name: connection.number % 3 === 0 ? "api.example" : "shop.example",
      remote_addr: "203.0.113.9",
      http_user_agent: "curl/8.5.0",
    });
  }

  #begin(nowMs: number): Open {
    this.#last += 1;
    const resumed = this.#random() < 0.6;
    this.written[resumed ? "resumed" : "full"] += 1;
    const opened: Open = { number: this.#last, startMs: nowMs - 5, resumed, requests: 0 };
    this.#open = [...this.#open, opened].slice(-OPEN);
    return opened;
  }

  #pick(): Open {
    const picked = this.#open[Math.floor(this.#random() * this.#open.length)];
    if (!picked) throw new RangeError("no connection is open");
    return picked;
  }

  #fail(nowMs: number): void {
    this.written.failed += 1;
    const now = new Date(nowMs);
    const two = (value: number): string => String(value).padStart(2, "0");
    const date = `${now.getFullYear()}/${two(now.getMonth() + 1)}/${two(now.getDate())}`;
    const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
    const cause = "SSL_do_handshake() failed (SSL: error:0A0000C1:SSL routines::no shared cipher)";
    const line = `${date} ${time} [info] 7#7: *${this.#last} ${cause} while SSL handshaking, client: 203.0.113.9, server: 0.0.0.0:443`;
    appendFileSync(this.#errors, `${line}\n`);
  }
}
