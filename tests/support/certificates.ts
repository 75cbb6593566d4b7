import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate with its key: paths of PEM files, and what is in them. */
export type Pair = {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: Buffer;
  readonly key: Buffer;
};

/** A certificate authority of its own, made by OpenSSL in a folder of its own. */
export class Authority {
  readonly #folder: string;
  readonly caFile: string;
  #made = 0;

  constructor(name: string) {
    this.#folder = mkdtempSync(join(tmpdir(), "reprise-ca-"));
    this.caFile = join(this.#folder, "ca.pem");
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    this.#openssl([
      "req",
      "-x509",
      ...key,
      "-keyout",
      "ca-key.pem",
      "-out",
      "ca.pem",
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
    ]);
  }

  get ca(): Buffer {
    return readFileSync(this.caFile);
  }

  /** A certificate for a name, also good for 127.0.0.1 and ::1. */
  issue(name: string): Pair {
    this.#made += 1;
    const [cert, key, request] = ["cert", "key", "csr"].map((part) => `${part}-${this.#made}.pem`) as [
      string,
      string,
      string,
    ];
    const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const names = `subjectAltName=DNS:${name},DNS:localhost,IP:127.0.0.1,IP:::1`;
    this.#openssl([
      "req",
      ...newKey,
      "-keyout",
      key,
      "-out",
      request,
      "-subj",
      `/O=test/CN=${name}`,
      "-addext",
      names,
    ]);
    const signing = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-copy_extensions", "copy"];
    this.#openssl(["x509", "-req", "-in", request, ...signing, "-out", cert, "-days", "2"]);
    const certFile = join(this.#folder, cert);
    const keyFile = join(this.#folder, key);
    return { certFile, keyFile, cert: readFileSync(certFile), key: readFileSync(keyFile) };
  }

  #openssl(words: readonly string[]): void {
    execFileSync("openssl", words, { cwd: this.#folder, stdio: ["ignore", "ignore", "pipe"] });
  }
}
