import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
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

  /** What this authority has revoked, as a PEM list that is good for a day; with no pair, an empty one. */
  revoke(...pairs: readonly Pair[]): Buffer {
    const serials = pairs.map(({ certFile }) =>
      execFileSync("openssl", ["x509", "-in", certFile, "-noout", "-serial"], { encoding: "utf8" })
        .trim()
        .slice(7),
    );
    // The database of `openssl ca`: state, expiry, revocation, serial, file, subject.
    const rows = serials.map((serial) => `R\t491231235959Z\t250101000000Z\t${serial}\tunknown\t/CN=x\n`);
    writeFileSync(join(this.#folder, "index.txt"), rows.join(""));
    writeFileSync(join(this.#folder, "index.txt.attr"), "unique_subject = no\n");
    writeFileSync(join(this.#folder, "crlnumber"), "01\n");
    writeFileSync(
      join(this.#folder, "ca.cnf"),
      "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\ncrlnumber = crlnumber\ndefault_md = sha256\n",
    );
    const files = ["-keyfile", "ca-key.pem", "-cert", "ca.pem", "-out", "crl.pem"];
    this.#openssl(["ca", "-config", "ca.cnf", "-gencrl", "-crldays", "1", ...files]);
    return readFileSync(join(this.#folder, "crl.pem"));
  }

  #openssl(words: readonly string[]): void {
    execFileSync("openssl", words, { cwd: this.#folder, stdio: ["ignore", "ignore", "pipe"] });
  }
}
