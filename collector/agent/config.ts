import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { SettingsError } from "../../lib/runtime/settings.ts";
import { parseYaml } from "../../lib/runtime/yaml.ts";
import { duration } from "../configuration.ts";
import { findSource, SOURCES } from "../sources/registry.ts";

const name = z.string().min(1).max(253);
const UNITS = { KB: 1e3, MB: 1e6, GB: 1e9 } as const;
/** Below this the spool could not hold what one flush may bring. */
const LEAST_SPOOL_BYTES = 16 * UNITS.MB;
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|localhost):(\d{1,5})$/;

/** `64KB`, `256MB`, `2GB` in bytes. */
const size = z
  .string()
  .regex(/^\d+(KB|MB|GB)$/, "a size like 256MB is expected")
  .transform((text) => Number.parseInt(text, 10) * UNITS[text.slice(-2) as keyof typeof UNITS]);

const sourceName = name.refine((text) => findSource(text) !== undefined, {
  error: (issue) =>
    `unknown source ${JSON.stringify(issue.input)}; known: ${SOURCES.map((one) => one.name).join(", ")}`,
});

const file = z
  .strictObject({
    source: sourceName,
    /** A path or a glob. Entries of one source and format share their memory of connections: one proxy wrote them. */
    path: name,
    /** The operator's own log format (Source.withFormat). */
    format: z.string().min(1).max(16_384).optional(),
    /** Where to begin with files that are there at the very first start. */
    begin: z.enum(["start", "end"]).default("start"),
    endpoint: name.optional(),
  })
  .superRefine(({ source, format }, context) => {
    const compiled = format === undefined ? null : findSource(source)?.withFormat?.(format);
    const problem =
      compiled === undefined
        ? `${source} has one format only`
        : compiled?.ok === false
          ? compiled.problem
          : null;
    if (problem !== null) context.addIssue({ code: "custom", path: ["format"], message: problem });
  });
export type FileInput = z.infer<typeof file>;

const syslog = z.strictObject({
  /** Recognised line by line where it is absent. */
  source: sourceName.optional(),
  listen: z.string().regex(LOOPBACK, "an address of this machine is expected, like 127.0.0.1:5514"),
  endpoint: name.optional(),
});
export type SyslogInput = z.infer<typeof syslog>;

const agentConfig = z
  .strictObject({
    collector: z.url({ protocol: /^https?$/, error: "http://host:port or https://… is expected" }),
    token: z.string().min(1).max(1_000).optional(),
    /** PEM: who vouches for the collector's certificate, and the agent's own certificate with its key. */
    ca: z.string().min(1).max(4_096).optional(),
    cert: z.string().min(1).max(4_096).optional(),
    key: z.string().min(1).max(4_096).optional(),
    node: name.default(() => hostname()),
    region: name.optional(),
    endpoint: name.optional(),
    /** Folder of positions and spool. */
    state: z.string().min(1).max(4_096).default("/var/lib/reprise-agent"),
    send: z.enum(["rollups", "lines"]).default("rollups"),
    spool: size
      .default(256 * UNITS.MB)
      .refine((bytes) => bytes >= LEAST_SPOOL_BYTES, "at least 16MB is needed"),
    flush: duration.default(2_000),
    /** How far back a file is read again at a start, to know its open connections. */
    lookback: size.default(64 * UNITS.MB),
    files: z.array(file).max(100).default([]),
    syslog: z.array(syslog).max(16).default([]),
  })
  .superRefine((config, context) => {
    if ((config.cert === undefined) !== (config.key === undefined))
      context.addIssue({ code: "custom", path: ["cert"], message: "cert and key come together" });
    if (config.files.length + config.syslog.length === 0)
      context.addIssue({
        code: "custom",
        path: [],
        message: "files or syslog have to name something to read",
      });
    config.files.forEach(({ format, path }, index) => {
      if (config.files.findIndex((other) => other.path === path) < index)
        context.addIssue({
          code: "custom",
          path: ["files", index, "path"],
          message: "this path is followed already, and its lines would count twice",
        });
      if (config.send === "lines" && format !== undefined)
        context.addIssue({
          code: "custom",
          path: ["files", index, "format"],
          message: "with send: lines the collector decodes, by its own configuration",
        });
    });
  });
export type AgentConfig = z.infer<typeof agentConfig>;

/** Reads the agent's configuration. Throws SettingsError with file, line and field where it cannot be used. */
export function loadAgentConfig(path: string): AgentConfig {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new SettingsError(`The configuration ${path} cannot be read: ${(error as Error).message}.`);
  }
  return parseAgentConfig(text, path);
}

/** The same from a text; `path` is for messages. */
export function parseAgentConfig(text: string, path: string): AgentConfig {
  const config = parseYaml(text, path, agentConfig);
  return { ...config, state: resolve(config.state) };
}
