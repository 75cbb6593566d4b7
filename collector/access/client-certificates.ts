import type { Socket } from "node:net";
import { type PeerCertificate, TLSSocket } from "node:tls";
import { type Grant, matchesName } from "../../lib/domain/source-token.ts";
import { SettingsError } from "../../lib/runtime/settings.ts";
import type { TenantId } from "../../lib/store/port.ts";
import type { ConfiguredClient } from "../configuration.ts";

/** What a client certificate allows, and the node that its sender is where the push names none. */
export type CertifiedGrant = { readonly grant: Grant; readonly node: string | null };

type Client = Omit<ConfiguredClient, "tenant"> & { readonly tenant: TenantId };

/** Senders by the names in their certificates, as the configuration file lists them; the first that fits holds. */
export class ClientCertificates {
  readonly #clients: readonly Client[];

  private constructor(clients: readonly Client[]) {
    this.#clients = clients;
  }

  /** Throws SettingsError where a client's tenant does not exist. */
  static async resolve(
    configured: readonly ConfiguredClient[],
    findTenant: (name: string) => Promise<TenantId | null>,
  ): Promise<ClientCertificates> {
    const clients: Client[] = [];
    for (const client of configured) {
      const tenant = await findTenant(client.tenant);
      if (tenant === null)
        throw new SettingsError(`clients names the tenant ${client.tenant}, which does not exist.`);
      clients.push({ ...client, tenant });
    }
    return new ClientCertificates(clients);
  }

  /** Whether nobody is named. */
  get isEmpty(): boolean {
    return this.#clients.length === 0;
  }

  /** What the peer of a connection may do: null for one without a certificate that our CA vouches for, or that no entry fits. */
  look(socket: Socket): CertifiedGrant | null {
    // Of a session resumed under TLS 1.3 without a certificate it says "authorized" too: what counts are the names.
    if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
    const names = namesOf(socket.getPeerCertificate());
    for (const client of this.#clients)
      for (const name of names) if (matchesName(client.name, name)) return grantOf(client, name);
    return null;
  }
}

function grantOf(client: Client, name: string): CertifiedGrant {
  const { tenant, scopes, endpoints = null, nodes = null, node } = client;
  const by = `certificate ${name}`;
  return { grant: { tenant, by, scopes, endpoints, nodes }, node: node === true ? name : (node ?? null) };
}

const SAN = /(?:^|, )(?:DNS|URI):(?:"((?:[^"\\]|\\.)*)"|([^",]*))/g;

/** Common names, and DNS and URI names of the subject's alternative names. */
function namesOf(certificate: PeerCertificate): string[] {
  const common: string | string[] | undefined = certificate.subject?.CN;
  const alternative = [...(certificate.subjectaltname ?? "").matchAll(SAN)].map((m) => m[1] ?? m[2] ?? "");
  return [...(Array.isArray(common) ? common : [common ?? ""]), ...alternative].filter((name) => name !== "");
}
