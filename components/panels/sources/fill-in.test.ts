import { expect, it } from "vitest";
import { fillIn, type Listeners, offOf } from "./fill-in.ts";

const listeners: Listeners = {
  collector: "http://127.0.0.1:4319",
  host: "127.0.0.1",
  syslogPort: 5514,
  syslogTlsPort: null,
  statsdPort: null,
  token: null,
};

it("fills in real hosts and ports, and leaves out lines about a token where none is needed", () => {
  const text =
    "log {{syslog}}\nurl: {{collector}}/v1\ntoken: {{token}}\nport {{syslog_port}} {{statsd}} {{other}}";
  expect(fillIn(text, listeners)).toBe(
    "log 127.0.0.1:5514\nurl: http://127.0.0.1:4319/v1\nport 5514 127.0.0.1:PORT {{other}}",
  );
  expect(fillIn("token: {{token}}", { ...listeners, token: "t-1" })).toBe("token: t-1");
  expect(fillIn("{{syslog}}", { ...listeners, host: "::1" })).toBe("[::1]:5514");
});

it("says what has to be switched on, with its setting", () => {
  expect(offOf("syslog", listeners)).toBeNull();
  expect(offOf("statsd", listeners)).toContain("REPRISE_STATSD_PORT");
  expect(offOf("syslog_tls", listeners)).toContain("REPRISE_SYSLOG_TLS_PORT");
});
