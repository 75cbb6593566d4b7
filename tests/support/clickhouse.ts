import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { freePort, type Running, startProgram } from "./process.ts";

export type ClickhouseServer = {
  /** An address as REPRISE_STORE_URL takes it, with a database of its own for each name. */
  url(database: string): string;
  /** Answers of a statement, one line a row, tabs between values. */
  ask(statement: string): Promise<string>;
  /** Inserts what a stream brings. */
  send(statement: string, body: Readable, settings: string): Promise<void>;
  pid(): number;
  /** Ends the server at once (SIGKILL); `start` starts it again over the same data. */
  kill(): Promise<void>;
  /** Does nothing where it is up. */
  start(): Promise<void>;
  destroy(): Promise<void>;
};

/** A real ClickHouse server on loopback, in a folder of its own. */
export async function startClickhouse(): Promise<ClickhouseServer> {
  const folder = await mkdtemp(join(tmpdir(), "reprise-clickhouse-"));
  await mkdir(join(folder, "data"));
  const httpPort = await freePort();
  await writeFile(join(folder, "config.xml"), configuration(folder, httpPort, await freePort()));
  await writeFile(join(folder, "users.xml"), USERS);
  const access = `http://127.0.0.1:${httpPort}/?user=reprise&password=secret`;
  const posted = async (url: string, body: string | Readable): Promise<string> => {
    const content = typeof body === "string" ? body : (Readable.toWeb(body) as ReadableStream);
    const response = await fetch(url, { method: "POST", body: content, duplex: "half" } as RequestInit);
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text;
  };
  const ask = (statement: string): Promise<string> => posted(access, statement);
  const start = (): Promise<Running> =>
    startProgram("clickhouse-server", [`--config-file=${join(folder, "config.xml")}`], { port: httpPort });
  let server = await start();
  let isUp = true;
  return {
    url: (database) => `clickhouse+http://reprise:secret@127.0.0.1:${httpPort}/${database}`,
    ask,
    send: async (statement, body, settings) => {
      await posted(`${access}&${settings}&query=${encodeURIComponent(statement)}`, body);
    },
    pid: () => server.child.pid ?? 0,
    kill: async () => {
      isUp = false;
      await server.stop("SIGKILL");
    },
    start: async () => {
      if (!isUp) server = await start();
      isUp = true;
    },
    destroy: async () => {
      await server.stop("SIGKILL");
      await rm(folder, { recursive: true });
    },
  };
}

function configuration(folder: string, httpPort: number, tcpPort: number): string {
  return `<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${httpPort}</http_port>
  <tcp_port>${tcpPort}</tcp_port>
  <path>${folder}/data/</path>
  <tmp_path>${folder}/tmp/</tmp_path>
  <users_config>${folder}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>16777216</mark_cache_size>
</yandex>`;
}

const USERS = `<yandex>
  <profiles><default><max_memory_usage>2000000000</max_memory_usage></default></profiles>
  <quotas><default></default></quotas>
  <users><reprise>
    <password>secret</password>
    <networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
  </reprise></users>
</yandex>`;
