import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type DecodeArguments, decodeCommand } from "./decode.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reprise-decode-"));
});
afterEach(() => rm(folder, { recursive: true }));

const FORMAT =
  "log_format own '$msec $ssl_protocol $ssl_session_reused $pid.$connection.$connection_requests';";

async function decode(input: Partial<DecodeArguments>, text: string) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io = { stdin: Readable.from([Buffer.from(text)]), stdout, stderr };
  const code = await decodeCommand({ source: "nginx", file: "-", ...input }, io);
  stdout.end();
  stderr.end();
  const out = (await stdout.toArray()).join("");
  const handshakes = out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  return { code, handshakes, stderr: (await stderr.toArray()).join("") };
}

it("reads a format from the command line or a file, and counts blank lines", async () => {
  const formatFile = join(folder, "format.conf");
  await writeFile(formatFile, FORMAT);
  const text = "1795477402.486 TLSv1.3 r 7.5.1\n\n1795477402.487 TLSv1.3 r 7.5.2\nnonsense\n";
  for (const input of [{ format: FORMAT }, { formatFile }])
    expect(await decode(input, text)).toMatchObject({
      code: 0,
      handshakes: [{ ts: 1_795_477_402_486, outcome: "resumed" }],
      stderr: "line 4: the line does not fit the log_format\n",
    });
});

it("ends with 2 and one sentence where a format cannot be used", async () => {
  expect(await decode({ format: "$msec" }, "")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^The log_format lacks .*\.\n$/),
  });
  expect(await decode({ source: "caddy", format: "x" }, "")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("caddy takes no log format"),
  });
  expect(await decode({ format: "x", formatFile: "y" }, "")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("not both"),
  });
  expect(await decode({ formatFile: join(folder, "nope") }, "")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Cannot read"),
  });
});

it("takes the hosts of syslog headers for nodes, whose numbers are their own", async () => {
  const line = (host: string, request: number) =>
    `<190>Nov 24 00:15:55 ${host} nginx: 1795477402.486 TLSv1.3 r 7.5.${request}\n`;
  const { handshakes } = await decode(
    { format: FORMAT, node: "given" },
    `${line("edge-1", 1)}${line("edge-2", 1)}${line("edge-1", 2)}1795477402.486 TLSv1.3 . 7.6.1\n`,
  );
  expect(handshakes.map(({ node, outcome }) => [node, outcome])).toEqual([
    ["edge-1", "resumed"],
    ["edge-2", "resumed"],
    ["given", "full"],
  ]);
});
