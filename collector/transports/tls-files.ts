import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { type Settings, SettingsError } from "../../lib/runtime/settings.ts";

/** PEM files of a TLS listener: its certificate (chain), its key, and whose client certificates are taken. */
export type TlsFiles = {
  readonly cert: string;
  readonly key: string;
  /** Empty: clients need no certificate. */
  readonly ca: string;
  /** The settings that name them, for messages. */
  readonly variables: { readonly cert: string; readonly key: string; readonly ca: string };
};
/** What the files held, checked. */
export type TlsMaterial = { readonly cert: Buffer; readonly key: Buffer; readonly ca: Buffer | null };

type Named = { readonly variable: string; readonly path: string };
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Files of the syslog listener, as the settings name them. Throws SettingsError where one that is needed is not named. */
export function syslogTlsFiles(
  settings: Pick<Settings, "syslogTlsCert" | "syslogTlsKey" | "syslogTlsCa">,
): TlsFiles {
  const { syslogTlsCert: cert, syslogTlsKey: key, syslogTlsCa: ca } = settings;
  const variables = variablesOf("REPRISE_SYSLOG_TLS");
  if (cert === "" || key === "")
    throw new SettingsError(
      `REPRISE_SYSLOG_TLS_PORT is set, so ${cert === "" ? variables.cert : variables.key} is needed too.`,
    );
  return { cert, key, ca, variables };
}

/** Files of the HTTP port; null where it speaks plain HTTP. Throws SettingsError where only some are named. */
export function httpTlsFiles(
  settings: Pick<Settings, "collectorTlsCert" | "collectorTlsKey" | "collectorTlsCa">,
): TlsFiles | null {
  const { collectorTlsCert: cert, collectorTlsKey: key, collectorTlsCa: ca } = settings;
  const variables = variablesOf("REPRISE_COLLECTOR_TLS");
  if (cert === "" && key === "" && ca === "") return null;
  if (cert === "" || key === "")
    throw new SettingsError(`${variables.cert} and ${variables.key} have to be set together.`);
  return { cert, key, ca, variables };
}

const variablesOf = (prefix: string): TlsFiles["variables"] => ({
  cert: `${prefix}_CERT`,
  key: `${prefix}_KEY`,
  ca: `${prefix}_CA`,
});

/** Reads and checks the files. Throws SettingsError, in one sentence, where they cannot be used together. */
export function readTlsFiles(files: TlsFiles): TlsMaterial {
  const { variables } = files;
  const cert = read({ variable: variables.cert, path: files.cert });
  const key = read({ variable: variables.key, path: files.key });
  const ca = files.ca === "" ? null : read({ variable: variables.ca, path: files.ca });
  const [leaf] = certificatesIn({ variable: variables.cert, path: files.cert }, cert);
  if (ca) certificatesIn({ variable: variables.ca, path: files.ca }, ca);
  if (!leaf?.checkPrivateKey(privateKeyIn({ variable: variables.key, path: files.key }, key)))
    throw new SettingsError(
      `${variables.key} names ${files.key}, which is not the key of the certificate in ${files.cert}.`,
    );
  return usable({ cert, key, ca }, files);
}

/** What changes whenever one of the files does (also by renaming another into its place). */
export function tlsFilesState(files: TlsFiles): string {
  return [files.cert, files.key, files.ca].map(stateOf).join(" ");
}

function stateOf(path: string): string {
  const stat = path === "" ? undefined : statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.ino}:${stat.size}:${stat.mtimeMs}` : "none";
}

function read({ variable, path }: Named): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new SettingsError(`${variable} names ${path}, which cannot be read: ${(error as Error).message}.`);
  }
}

function certificatesIn({ variable, path }: Named, content: Buffer): X509Certificate[] {
  try {
    const found = content.toString("latin1").match(PEM_CERTIFICATE) ?? [];
    if (found.length > 0) return found.map((pem) => new X509Certificate(pem));
  } catch (error) {
    throw new SettingsError(
      `${variable} names ${path}, which holds a broken certificate: ${(error as Error).message}.`,
    );
  }
  throw new SettingsError(`${variable} names ${path}, which holds no PEM certificate.`);
}

function privateKeyIn({ variable, path }: Named, content: Buffer): KeyObject {
  try {
    return createPrivateKey(content);
  } catch (error) {
    throw new SettingsError(
      `${variable} names ${path}, which holds no PEM key without a passphrase: ${(error as Error).message}.`,
    );
  }
}

/** OpenSSL has the last word: it also refuses keys and digests that are too weak. */
function usable(material: TlsMaterial, files: TlsFiles): TlsMaterial {
  try {
    createSecureContext({
      cert: material.cert,
      key: material.key,
      ...(material.ca ? { ca: material.ca } : {}),
    });
    return material;
  } catch (error) {
    throw new SettingsError(
      `${files.variables.cert} names ${files.cert}, which TLS cannot use: ${(error as Error).message}.`,
    );
  }
}
