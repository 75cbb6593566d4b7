import type { SourceToken } from "../../lib/domain/source-token.ts";
import { hashTokenSecret, makeToken } from "../../lib/runtime/token-secret.ts";
import { openPeopleStore } from "../../lib/store/open.ts";
import type { TokenWriter } from "../../lib/store/port-tokens.ts";

/** Makes a token in a store and answers it as its sender shows it. */
export async function giveToken(tokens: TokenWriter, part: Partial<SourceToken> = {}): Promise<string> {
  const { id, secret, text } = makeToken();
  await tokens.createToken(part.tenant ?? 1, {
    ...{ id, tenant: 1, name: "test", scopes: ["handshakes", "changes"], endpoints: null, nodes: null },
    ...{ secretHash: hashTokenSecret(secret), createdMs: Date.now(), createdBy: "test", expiresMs: null },
    ...{ lastUsedMs: null, revokedMs: null, revokedBy: null, successorId: null },
    ...part,
  });
  return text;
}

/** Works on a store from outside of the process that holds it, as the commands do. */
export async function beside<T>(
  file: string,
  work: (store: ReturnType<typeof openPeopleStore>) => Promise<T>,
): Promise<T> {
  const store = openPeopleStore({ file });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
