import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { type Settings, SettingsError } from "../../lib/runtime/settings.ts";

/** PEM files of the TLS listener: its certificate (chain), its key, and whose client certificates are taken. */
export type TlsFiles = {
  readonly cert: string;
  readonly key: string;
  /** Empty: clients need no certificate. */
  readonly ca: string;
};
/** What the files held, checked. */
export type TlsMaterial = { readonly cert: Buffer; readonly key: Buffer; readonly ca: Buffer | null };

const CERT = "REPRISE_SYSLOG_TLS_CERT";
const KEY = "REPRISE_SYSLOG_TLS_KEY";
const CA = "REPRISE_SYSLOG_TLS_CA";
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The files that the settings name. Throws SettingsError where one that is needed is not named. */
export function tlsFilesOf(
  settings: Pick<Settings, "syslogTlsCert" | "syslogTlsKey" | "syslogTlsCa">,
): TlsFiles {
  const { syslogTlsCert: cert, syslogTlsKey: key, syslogTlsCa: ca } = settings;
  if (cert === "" || key === "")
    throw new SettingsError(`REPRISE_SYSLOG_TLS_PORT is set, so ${cert === "" ? CERT : KEY} is needed too.`);
  return { cert, key, ca };
}

/** Reads and checks the files. Throws SettingsError, in one sentence, where they cannot be used together. */
export function readTlsFiles(files: TlsFiles): TlsMaterial {
  const cert = read(CERT, files.cert);
  const key = read(KEY, files.key);
  const ca = files.ca === "" ? null : read(CA, files.ca);
  const [leaf] = certificatesIn(CERT, files.cert, cert);
  if (ca) certificatesIn(CA, files.ca, ca);
  if (!leaf?.checkPrivateKey(privateKeyIn(files.key, key)))
    throw new SettingsError(
      `${KEY} names ${files.key}, which is not the key of the certificate in ${files.cert}.`,
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

function read(variable: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new SettingsError(`${variable} names ${path}, which cannot be read: ${(error as Error).message}.`);
  }
}

function certificatesIn(variable: string, path: string, content: Buffer): X509Certificate[] {
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

function privateKeyIn(path: string, content: Buffer): KeyObject {
  try {
    return createPrivateKey(content);
  } catch (error) {
    throw new SettingsError(
      `${KEY} names ${path}, which holds no PEM key without a passphrase: ${(error as Error).message}.`,
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
      `${CERT} names ${files.cert}, which TLS cannot use: ${(error as Error).message}.`,
    );
  }
}
