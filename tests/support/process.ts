import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { connect, createServer } from "node:net";

/** Whether a program is there (also in /usr/sbin, where nginx and HAProxy live). */
export function hasProgram(name: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${name}`], { env: pathWithSbin() }).status === 0;
}

export const pathWithSbin = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${process.env.PATH}:/usr/sbin`,
});

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

export type Running = {
  readonly child: ChildProcess;
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

/** Starts a program and waits until its port takes connections. Throws with its output when it does not. */
export async function startProgram(
  command: string,
  words: readonly string[],
  at: {
    readonly port: number;
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly withinMs?: number;
    /** Where it listens, if not on loopback: within a network namespace. */
    readonly host?: string;
  },
): Promise<Running> {
  const child = spawn(command, [...words], {
    cwd: at.cwd,
    env: at.env ?? pathWithSbin(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const gone = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const running: Running = {
    child,
    output: () => output,
    stop: (signal = "SIGTERM") => {
      child.kill(signal);
      return gone;
    },
  };
  const endMs = Date.now() + (at.withinMs ?? 15_000);
  while (!(await takesConnections(at.port, at.host))) {
    if (Date.now() > endMs || child.exitCode !== null) {
      await running.stop("SIGKILL");
      throw new Error(`${command} did not start:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return running;
}

function takesConnections(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
