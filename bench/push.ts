/** Pushing over several connections at once. */

/** Bodies for one route, and how many events they hold together. */
export type Load = {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bodies: readonly (string | Uint8Array<ArrayBuffer>)[];
  readonly events: number;
};

/** Lines, so many a push. */
export function inLines(path: string, lines: readonly string[], batch: number): Load {
  const bodies: string[] = [];
  for (let at = 0; at < lines.length; at += batch) bodies.push(lines.slice(at, at + batch).join("\n"));
  return { path, bodies, events: lines.length };
}

/** Pushes everything over so many connections; throws where an answer is none of success. */
export async function push(
  url: string,
  { path, headers = {}, bodies }: Load,
  connections: number,
): Promise<void> {
  let next = 0;
  const sender = async (): Promise<void> => {
    for (let index = next++; index < bodies.length; index = next++) {
      const response = await fetch(`${url}${path}`, { method: "POST", headers, body: bodies[index] ?? "" });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: connections }, sender));
}
