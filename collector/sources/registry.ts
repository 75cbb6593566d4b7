import { caddySource } from "./caddy/source.ts";
import { haproxySource } from "./haproxy/source.ts";
import { nativeSource } from "./native/source.ts";
import { nginxSource } from "./nginx/source.ts";
import type { Source } from "./source.ts";

/** Every source, in the order in which a line of unknown origin is offered to them. */
export const SOURCES: readonly Source[] = [nginxSource, haproxySource, caddySource, nativeSource];

/** A source by its name; undefined for an unknown one. */
export function findSource(name: string): Source | undefined {
  return SOURCES.find((source) => source.name === name);
}

/** The source whose lines look like this one; undefined when none does. */
export function recogniseSource(line: string): Source | undefined {
  return SOURCES.find((source) => source.recognises(line));
}
