import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Provider } from "oidc-provider";
import { freePort } from "./process.ts";

export type IdentityProvider = {
  readonly issuer: string;
  /** Who signs in next, and in which groups they are. */
  become(person: { readonly email: string; readonly groups: readonly string[] }): void;
  stop(): Promise<void>;
};

export const CLIENT = { id: "reprise", secret: "a secret of the client's" } as const;

/** A real OpenID provider on loopback, which asks nobody anything: whoever comes is who `become` said last. */
export async function startIdentityProvider(redirectUri: string): Promise<IdentityProvider> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  let next = { email: "", groups: [] as readonly string[] };
  const people = new Map<string, typeof next>();
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectUri] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
    scopes: ["openid", "profile", "email", "groups"],
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: async () => {
        const { email = "", groups = [] } = people.get(id) ?? {};
        return { sub: id, email, email_verified: true, name: email.split("@")[0], groups: [...groups] };
      },
    }),
  });
  const finish = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const accountId = `id of ${next.email}`;
    people.set(accountId, next);
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId, clientId: String(params.client_id) });
    grant.addOIDCScope(String(params.scope));
    const consent = { grantId: await grant.save() };
    await provider.interactionFinished(request, response, { login: { accountId }, consent });
  };
  const answer = provider.callback();
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/interaction/")) void finish(request, response);
    else void answer(request, response);
  });
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", () => done()));
  return {
    issuer,
    become: (person) => {
      next = person;
    },
    stop: () => new Promise((done) => server.close(() => done())),
  };
}

/** Goes where a browser goes, keeping the provider's cookies, until it is sent to `until`: that address. */
export async function follow(from: string, until: string): Promise<string> {
  const jar = new Map<string, string>();
  let url = from;
  for (let step = 0; step < 10 && !url.startsWith(until); step += 1) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (set.split(";")[0] ?? "").split(/=(.*)/s);
      jar.set(name, value);
    }
    const location = response.headers.get("location");
    if (!location) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    url = new URL(location, url).href;
  }
  return url;
}
