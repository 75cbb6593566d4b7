import { LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { SettingsError } from "./settings.ts";

/** A YAML text by a contract. Throws SettingsError with line and field of the first thing that is wrong. `path` is for messages. */
export function parseYaml<T extends z.ZodType>(text: string, path: string, contract: T): z.infer<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken) {
    const { line } = lines.linePos(broken.pos[0]);
    throw new SettingsError(`${path}:${line}: ${broken.message.split("\n")[0]}`);
  }
  const parsed = contract.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const node = issue && document.getIn(issue.path, true);
  const range = (node as { range?: [number, number, number] } | undefined)?.range;
  const where = range ? `:${lines.linePos(range[0]).line}` : "";
  throw new SettingsError(`${path}${where}: ${issue?.path.join(".") || "file"}: ${issue?.message}`);
}
