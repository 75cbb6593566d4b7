import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSigned } from "../../collector/fleet/certificate.ts";
import { tryEarlyData } from "../../collector/probe/early-data.ts";
import { shakeHands } from "../../collector/probe/handshake.ts";
import { probeRound, type Round, type RoundDeps } from "../../collector/probe/round.ts";
import type { NodeProbe, ProbeNode, ProbeSpec } from "../../lib/domain/probe.ts";
import { freePort, type Running, startProgram } from "./process.ts";

const APACHE_MODULES = ["mpm_event", "authz_core", "socache_shmcb", "ssl"];

export type LabNode = ProbeNode & { readonly running: Running };

/** Real TLS servers on loopback for the prober, in one folder with one certificate. */
export class ProbeLab {
  readonly folder: string;
  readonly #running: Running[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async start(): Promise<ProbeLab> {
    const lab = new ProbeLab(await mkdtemp(join(tmpdir(), "reprise-probe-")));
    const { cert, key } = selfSigned(["shop.example", "other.example"], Date.now());
    await lab.write("cert.pem", cert);
    await lab.write("key.pem", key);
    await lab.write("bundle.pem", cert + key);
    return lab;
  }

  write(name: string, content: string | Buffer): Promise<void> {
    return writeFile(join(this.folder, name), content);
  }

  read(name: string): Promise<string> {
    return readFile(join(this.folder, name), "utf8");
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** nginx with directives of one's own in its server block. */
  async nginx(name: string, directives: string, port?: number): Promise<LabNode> {
    const at = port ?? (await freePort());
    const words = await this.#nginxWords(name, `listen 127.0.0.1:${at} ssl; ${directives}`);
    return this.#node(name, at, await startProgram("nginx", words, { port: at }));
  }

  /** The same in a network namespace, at an address that is reached from here. */
  async nginxWithin(
    namespace: string,
    name: string,
    { address, directives }: { readonly address: string; readonly directives: string },
  ): Promise<LabNode> {
    const port = await freePort();
    const words = await this.#nginxWords(name, `listen ${address}:${port} ssl; ${directives}`);
    const inside = ["netns", "exec", namespace, "nginx", ...words];
    const node = this.#node(name, port, await startProgram("ip", inside, { port, host: address }));
    return { ...node, address: `${address}:${port}` };
  }

  async #nginxWords(name: string, directives: string): Promise<string[]> {
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    await this.write(
      `${name}.conf`,
      `daemon off; worker_processes 1; pid ${this.folder}/${name}.pid; error_log stderr;
events {}
http {
  access_log ${this.folder}/${name}.log;
  ${temporary.map((word) => `${word}_temp_path ${this.folder}/${name}-${word};`).join("\n  ")}
  ssl_certificate ${this.folder}/cert.pem; ssl_certificate_key ${this.folder}/key.pem;
  server { server_name shop.example; ${directives} location / { return 200 "ok\n"; } }
}
`,
    );
    return ["-e", "stderr", "-c", this.path(`${name}.conf`), "-p", this.folder];
  }

  async haproxy(name: string, bind: string, global = ""): Promise<LabNode> {
    const port = await freePort();
    await this.write(
      `${name}.cfg`,
      `global
  ${global}
defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
frontend lab
  bind 127.0.0.1:${port} ssl crt ${this.folder}/bundle.pem ${bind}
  http-request return status 200
`,
    );
    return this.#node(
      name,
      port,
      await startProgram("haproxy", ["-db", "-f", this.path(`${name}.cfg`)], { port }),
    );
  }

  async apache(name: string, directives: string): Promise<LabNode> {
    const port = await freePort();
    const modules = APACHE_MODULES.map(
      (word) => `LoadModule ${word}_module /usr/lib/apache2/modules/mod_${word}.so`,
    );
    await this.write(
      `${name}.conf`,
      `ServerRoot "${this.folder}"
PidFile ${this.folder}/${name}.pid
DefaultRuntimeDir ${this.folder}
${modules.join("\n")}
ServerName localhost
Listen 127.0.0.1:${port}
StartServers 1
ServerLimit 1
ThreadsPerChild 10
MaxRequestWorkers 10
ErrorLog ${this.folder}/${name}-error.log
${directives}
<VirtualHost 127.0.0.1:${port}>
  ServerName shop.example
  SSLEngine on
  SSLCertificateFile ${this.folder}/cert.pem
  SSLCertificateKeyFile ${this.folder}/key.pem
</VirtualHost>
`,
    );
    const words = ["-f", this.path(`${name}.conf`), "-D", "FOREGROUND"];
    return this.#node(name, port, await startProgram("apache2", words, { port }));
  }

  async caddy(name: string): Promise<LabNode> {
    const [port, admin] = [await freePort(), await freePort()];
    const server = {
      listen: [`127.0.0.1:${port}`],
      automatic_https: { disable: true },
      protocols: ["h1"],
      tls_connection_policies: [{ protocol_min: "tls1.2" }],
      routes: [{ handle: [{ handler: "static_response", body: "ok\n" }] }],
    };
    const files = [{ certificate: this.path("cert.pem"), key: this.path("key.pem") }];
    const whole = {
      admin: { listen: `127.0.0.1:${admin}` },
      storage: { module: "file_system", root: this.path(`${name}-storage`) },
      apps: { http: { servers: { lab: server } }, tls: { certificates: { load_files: files } } },
    };
    await this.write(`${name}.json`, JSON.stringify(whole));
    const env = {
      ...process.env,
      HOME: this.folder,
      XDG_CONFIG_HOME: this.folder,
      XDG_DATA_HOME: this.folder,
    };
    const words = ["run", "--config", this.path(`${name}.json`)];
    return this.#node(name, port, await startProgram("caddy", words, { port, env }));
  }

  async openssl(name: string, words: readonly string[]): Promise<LabNode> {
    const port = await freePort();
    const files = ["-cert", this.path("cert.pem"), "-key", this.path("key.pem")];
    const all = ["s_server", "-accept", `127.0.0.1:${port}`, ...files, ...words];
    // The end of its input would end it, so it reads from a pipe that this shell itself holds open.
    const held = `mkfifo ${name}.pipe && exec openssl ${all.join(" ")} 0<>${name}.pipe`;
    return this.#node(name, port, await startProgram("bash", ["-c", held], { port, cwd: this.folder }));
  }

  #node(name: string, port: number, running: Running): LabNode {
    this.#running.push(running);
    return { name, address: `127.0.0.1:${port}`, running };
  }

  async destroy(): Promise<void> {
    for (const { child, stop } of this.#running) if (child.exitCode === null) await stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** An 80-byte ticket key of nginx (name, MAC key, AES key); HAProxy reads it in base64. */
export const ticketKey = (): Buffer => randomBytes(80);

/** Names of nodes with what they are made of left out. */
export function specOf(nodes: readonly ProbeNode[], more: Partial<ProbeSpec> = {}): ProbeSpec {
  return {
    serverName: "shop.example",
    otherServerName: null,
    alpn: [],
    nodes: nodes.map(({ name, address }) => ({ name, address })),
    intervalMs: 60_000,
    timeoutMs: 10_000,
    protocols: ["TLSv1.2", "TLSv1.3"],
    tryOldProtocols: false,
    handshakesPerMinute: 6_000,
    nodesPerRound: 50,
    pairsPerRound: 100,
    ...more,
  };
}

export const NO_FILES = { ca: null, cert: null, key: null };

/** One round by the real engine, without limits. */
export function roundOf(spec: ProbeSpec, more: Partial<RoundDeps> & { round?: number } = {}): Promise<Round> {
  const { round = 0, ...deps } = more;
  return probeRound(
    { id: "lab", spec, files: NO_FILES, round },
    {
      clock: Date.now,
      shake: shakeHands,
      earlyData: tryEarlyData,
      inTurn: (work) => work(),
      hashKeyName: (name) => `hash of ${name}`,
      signal: new AbortController().signal,
      ...deps,
    },
  );
}

/** The agreement of a mechanism as rows of 1, 0 and "." (not told), nodes in the order given. */
export function matrixOf({ agreements }: Round, mechanism: string, names: readonly string[]): string[] {
  return names.map((from) =>
    names
      .map((to) => {
        const found = agreements.find(
          (one) => one.fromNode === from && one.toNode === to && one.mechanism === mechanism,
        );
        return found?.accepted == null ? "." : found.accepted ? "1" : "0";
      })
      .join(""),
  );
}

export function probeOf(round: Round, node: string): NodeProbe {
  const found = round.nodes.find((one) => one.node === node);
  if (!found) throw new Error(`nothing was found of ${node}`);
  return found.probe;
}
