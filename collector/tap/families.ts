const LINE = /^([a-z0-9]{10}_[0-9a-f]{12}_[0-9a-f]{12})\s+(\S+)$/i;

/** Reads lines of JA4 fingerprint and client family; `#` begins a comment. In one sentence what is wrong otherwise. */
export function readFamilies(text: string): ReadonlyMap<string, string> | string {
  const families = new Map<string, string>();
  for (const [index, line] of text.split("\n").entries()) {
    const content = line.replace(/#.*/, "").trim();
    if (content === "") continue;
    const [, ja4, family] = LINE.exec(content) ?? [];
    if (ja4 === undefined || family === undefined)
      return `Line ${index + 1} of the families is no fingerprint with a family: ${content.slice(0, 80)}`;
    families.set(ja4, family);
  }
  return families;
}
