import { expect, it } from "vitest";
import { parseConfiguration } from "../../configuration.ts";
import { findSource, SOURCES } from "../registry.ts";
import { compileFormat, Formats } from "./configured.ts";

const DEFAULTS = { endpoint: null, node: null, region: null, live: true };
const NGINX = "own $msec $ssl_protocol $ssl_session_reused $connection $connection_requests $connection_time";
const LINE = "own 1795477402.486 TLSv1.3 r 5 1 0.003";

it("examples of formats of one's own are configuration files that can be used", () => {
  const examples = SOURCES.flatMap(({ configurations }) =>
    configurations.filter(({ text }) => text.includes("\nformats:")),
  );
  expect(examples.length).toBeGreaterThanOrEqual(2);
  for (const { text } of examples) {
    const { formats } = parseConfiguration(text, "example.yaml");
    expect(() => Formats.compile(formats, "example.yaml")).not.toThrow();
  }
});

it("tries a source's own forms first, then the formats given, and refuses with the last one's reason", () => {
  const formats = Formats.compile([{ source: "nginx", format: NGINX }], "f");
  const nginx = findSource("nginx");
  if (!nginx) throw new Error("no nginx");
  const decoder = formats.decoder(nginx, DEFAULTS);
  const own =
    '{"msec":"1795477402.486","connection":6,"connection_requests":1,"ssl_protocol":"TLSv1.3","ssl_session_reused":"."}';
  expect([LINE, own, LINE, "nothing"].map((line) => decoder.decode(line, 0))).toMatchObject([
    { kind: "handshake", handshake: { outcome: "resumed" } },
    { kind: "handshake", handshake: { outcome: "full" } },
    { kind: "ignored", why: "repeat" },
    { kind: "refused", reason: "the line does not fit the log_format" },
  ]);
  expect([formats.recogniseSource(LINE)?.name, formats.recogniseSource("nothing")]).toEqual([
    "nginx",
    undefined,
  ]);
  expect(Formats.compile([], "f").decoder(nginx, DEFAULTS).decode("nothing", 0)).toMatchObject({
    kind: "refused",
  });
});

it("says which format of which file cannot be used, and which sources take one", () => {
  const compile = (source: string, format: string) => () =>
    Formats.compile(
      [
        { source: "nginx", format: NGINX },
        { source, format },
      ],
      "/etc/reprise.yaml",
    );
  expect(compile("nginx", "$msec")).toThrow(/^\/etc\/reprise\.yaml: formats\.1: The log_format lacks /);
  expect(compile("ngnix", "$msec")).toThrow(/Unknown source "ngnix"; known: nginx, /);
  expect(compileFormat("caddy", "x")).toMatch(
    /^The source caddy takes no log format of your own; these do: nginx, haproxy/,
  );
});
