/** Nodes as the form shows them: name and address, one a line. */
export function nodesText(nodes: readonly { readonly name: string; readonly address: string }[]): string {
  return nodes.map(({ name, address }) => `${name} ${address}`).join("\n");
}

/** Nodes out of such lines. A line of an address alone names the node by it. */
export function nodesOfText(text: string): { name: string; address: string }[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const [, name = "", address = line] = /^(.*?)\s*(\S+)$/s.exec(line) ?? [];
      return { name: name === "" ? address : name, address };
    });
}

/** What the form says, as the API wants it; the server checks it and names the field that does not fit. */
export function bodyOfForm(form: FormData, paused: boolean): object {
  const text = (name: string): string => String(form.get(name) ?? "").trim();
  const amount = (name: string): number => Number(text(name));
  const optional = (name: string): object => (text(name) === "" ? {} : { [name]: text(name) });
  return {
    endpoint: text("endpoint"),
    paused,
    ...optional("serverName"),
    ...optional("otherServerName"),
    alpn: text("alpn")
      .split(/[\s,]+/)
      .filter((protocol) => protocol !== ""),
    nodes: nodesOfText(text("nodes")),
    intervalMs: Math.round(amount("interval") * 1_000),
    timeoutMs: Math.round(amount("timeout") * 1_000),
    handshakesPerMinute: amount("handshakesPerMinute"),
    pairsPerRound: amount("pairsPerRound"),
    protocols: ["TLSv1.2", "TLSv1.3"].filter((protocol) => form.get(protocol) !== null),
    tryOldProtocols: form.get("tryOldProtocols") !== null,
  };
}
