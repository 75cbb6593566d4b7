import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { type Settings, SettingsError } from "./settings.ts";

/** PEM files of a TLS listener: its certificate (chain), its key, and whose client certificates are taken. */
export type TlsFiles = {
  readonly cert: string;
  readonly key: string;
  /** Empty: clients need no certificate. */
  readonly ca: string;
  /** What that CA has revoked. Empty: nothing. */
  readonly crl: string;
  /** The settings that name them, for messages. */
  readonly variables: {
    readonly cert: string;
    readonly key: string;
    readonly ca: string;
    readonly crl: string;
  };
};
/** What the files held, checked. */
export type TlsMaterial = {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer | null;
  readonly crl: Buffer | null;
};

type Named = { readonly variable: string; readonly path: string };
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Files of the syslog listener, as the settings name them. Throws SettingsError where one that is needed is not named. */
export function syslogTlsFiles(
  settings: Pick<Settings, "syslogTlsCert" | "syslogTlsKey" | "syslogTlsCa" | "syslogTlsCrl">,
): TlsFiles {
  const { syslogTlsCert: cert, syslogTlsKey: key, syslogTlsCa: ca, syslogTlsCrl: crl } = settings;
  const variables = variablesOf("REPRISE_SYSLOG_TLS");
  if (cert === "" || key === "")
    throw new SettingsError(
      `REPRISE_SYSLOG_TLS_PORT is set, so ${cert === "" ? variables.cert : variables.key} is needed too.`,
    );
  return withCrl({ cert, key, ca, crl, variables });
}

/** Files of the HTTP port; null where it speaks plain HTTP. Throws SettingsError where only some are named. */
export function httpTlsFiles(
  settings: Pick<Settings, "collectorTlsCert" | "collectorTlsKey" | "collectorTlsCa" | "collectorTlsCrl">,
): TlsFiles | null {
  const { collectorTlsCert: cert, collectorTlsKey: key, collectorTlsCa: ca } = settings;
  return pairOf({ cert, key, ca, crl: settings.collectorTlsCrl }, variablesOf("REPRISE_COLLECTOR_TLS"));
}

/** Files of the console; null where it speaks plain HTTP. Throws SettingsError where only some are named. */
export function consoleTlsFiles({ tlsCert, tlsKey }: Pick<Settings, "tlsCert" | "tlsKey">): TlsFiles | null {
  return pairOf({ cert: tlsCert, key: tlsKey, ca: "", crl: "" }, variablesOf("REPRISE_TLS"));
}

function pairOf(files: Omit<TlsFiles, "variables">, variables: TlsFiles["variables"]): TlsFiles | null {
  const { cert, key, ca, crl } = files;
  if (cert === "" && key === "" && ca === "" && crl === "") return null;
  if (cert === "" || key === "")
    throw new SettingsError(`${variables.cert} and ${variables.key} have to be set together.`);
  return withCrl({ ...files, variables });
}

function withCrl(files: TlsFiles): TlsFiles {
  if (files.crl === "" || files.ca !== "") return files;
  throw new SettingsError(
    `${files.variables.crl} says what ${files.variables.ca} has revoked: set that too.`,
  );
}

const variablesOf = (prefix: string): TlsFiles["variables"] => ({
  cert: `${prefix}_CERT`,
  key: `${prefix}_KEY`,
  ca: `${prefix}_CA`,
  crl: `${prefix}_CRL`,
});

/** Reads and checks the files. Throws SettingsError, in one sentence, where they cannot be used together. */
export function readTlsFiles(files: TlsFiles): TlsMaterial {
  const { variables } = files;
  const cert = read({ variable: variables.cert, path: files.cert });
  const key = read({ variable: variables.key, path: files.key });
  const ca = files.ca === "" ? null : read({ variable: variables.ca, path: files.ca });
  const crl = files.crl === "" ? null : read({ variable: variables.crl, path: files.crl });
  const [leaf] = certificatesIn({ variable: variables.cert, path: files.cert }, cert);
  if (ca) certificatesIn({ variable: variables.ca, path: files.ca }, ca);
  if (!leaf?.checkPrivateKey(privateKeyIn({ variable: variables.key, path: files.key }, key)))
    throw new SettingsError(
      `${variables.key} names ${files.key}, which is not the key of the certificate in ${files.cert}.`,
    );
  return usable({ cert, key, ca, crl }, files);
}

/** What changes whenever one of the files does (also by renaming another into its place). */
export function tlsFilesState(files: TlsFiles): string {
  return [files.cert, files.key, files.ca, files.crl].map(stateOf).join(" ");
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

function revocationsIn(crl: Buffer, { variables, crl: path }: TlsFiles): void {
  try {
    createSecureContext({ crl });
  } catch (error) {
    throw new SettingsError(
      `${variables.crl} names ${path}, which holds no PEM revocation list: ${(error as Error).message}.`,
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
    if (material.crl) revocationsIn(material.crl, files);
    return material;
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    throw new SettingsError(
      `${files.variables.cert} names ${files.cert}, which TLS cannot use: ${(error as Error).message}.`,
    );
  }
}
