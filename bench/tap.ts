/** CPU and memory of `reprise tap` over a capture that is made as it is read: real handshakes, with other traffic between them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { cpuSecondsOf, memoryMb } from "./proc.ts";

const RECORDED = ["tls12_ticket", "tls12_session_id", "tls13_psk", "tls13_early_data"];
const HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
const SERVER_PORT = 8_443;
/** A new connection this often, in microseconds of the capture's time: 5,000 a second. */
const EVERY_US = 200;
const SEGMENT_BYTES = 512;
const CHUNK_BYTES = 1 << 18;
const START_S = 1_795_000_000;

export type TapRow = {
  readonly name: string;
  readonly packets: number;
  readonly megabytes: number;
  readonly handshakes: number;
  readonly cpuSeconds: number;
  /** Resident at a quarter, half, three quarters and the end of the capture; highest of all. */
  readonly residentMb: readonly number[];
  readonly peakMb: number;
};

type Packet = { readonly at: number; readonly fromServer: boolean; readonly stepUs: number };
/** A connection's packets as they stand in a capture, and where in them something differs from one to the next. */
type Template = {
  readonly bytes: Buffer;
  readonly packets: readonly Packet[];
  readonly tickets: readonly number[];
};

/** The recorded connections, each with `data` segments and half as many acknowledgements behind its handshake. */
function templates(data: number): Template[] {
  return RECORDED.flatMap((name) => {
    const capture = gunzipSync(readFileSync(`tests/fixtures/pcap/${name}.pcap.gz`));
    const byPort = new Map<number, Buffer[]>();
    for (let at = HEADER_BYTES; at < capture.length; ) {
      const end = at + PACKET_HEADER_BYTES + capture.readUInt32LE(at + 8);
      const frame = capture.subarray(at + PACKET_HEADER_BYTES, end);
      const [source, target] = [frame.readUInt16BE(34), frame.readUInt16BE(36)];
      const port = source === SERVER_PORT ? target : source;
      byPort.set(port, [...(byPort.get(port) ?? []), capture.subarray(at, end)]);
      at = end;
    }
    return [...byPort.values()].map((packets) => templateOf(packets, data));
  });
}

function templateOf(recorded: readonly Buffer[], data: number): Template {
  const last = recorded.findLast((packet) => packet.readUInt16BE(PACKET_HEADER_BYTES + 34) === SERVER_PORT);
  const traffic = last
    ? Array.from({ length: data }, (_, n) => [segment(last, n), ...(n % 2 ? [] : [bare(last)])])
    : [];
  const all = [...recorded, ...traffic.flat()];
  const packets: Packet[] = [];
  const tickets: number[] = [];
  let at = 0;
  for (const packet of all) {
    const fromServer = packet.readUInt16BE(PACKET_HEADER_BYTES + 34) === SERVER_PORT;
    packets.push({ at, fromServer, stepUs: 40 });
    // Every connection has tickets of its own: bytes behind the key name differ.
    for (const name of ["15305de2d6833505", "de98a60ec7997c3e", "17391e4a5ecd189a"]) {
      const place = packet.indexOf(Buffer.from(name, "hex"));
      if (place >= 0) tickets.push(at + place + 24);
    }
    at += packet.length;
  }
  return { bytes: Buffer.concat(all), packets, tickets };
}

/** A packet of the server without payload, its flags an acknowledgement. */
function bare(packet: Buffer): Buffer {
  const ip = PACKET_HEADER_BYTES + 14;
  const end = ip + 20 + ((packet[ip + 32] ?? 0) >> 4) * 4;
  const made = Buffer.from(packet.subarray(0, end));
  made[ip + 33] = 0x10;
  made.writeUInt16BE(end - ip, ip + 2);
  made.writeUInt32LE(end - PACKET_HEADER_BYTES, 8);
  made.writeUInt32LE(end - PACKET_HEADER_BYTES, 12);
  return made;
}

function segment(packet: Buffer, n: number): Buffer {
  const head = bare(packet);
  const made = Buffer.concat([head, Buffer.alloc(SEGMENT_BYTES, 0x17)]);
  const ip = PACKET_HEADER_BYTES + 14;
  made.writeUInt16BE(made.length - ip, ip + 2);
  made.writeUInt32BE((made.readUInt32BE(ip + 24) + n * SEGMENT_BYTES) >>> 0, ip + 24);
  made.writeUInt32LE(made.length - PACKET_HEADER_BYTES, 8);
  made.writeUInt32LE(made.length - PACKET_HEADER_BYTES, 12);
  return made;
}

/** Writes the n-th connection into a buffer; answers where it ends. */
function writeConnection(
  into: Buffer,
  from: number,
  { template, n }: { template: Template; n: number },
): number {
  template.bytes.copy(into, from);
  let atUs = n * EVERY_US;
  for (const { at, fromServer, stepUs } of template.packets) {
    const packet = from + at;
    const ip = packet + PACKET_HEADER_BYTES + 14;
    into.writeUInt32LE(START_S + Math.floor(atUs / 1e6), packet);
    into.writeUInt32LE(atUs % 1e6, packet + 4);
    into.writeUInt32BE((0x0a000000 + Math.floor(n / 40_000)) >>> 0, ip + (fromServer ? 16 : 12));
    into.writeUInt16BE(10_000 + (n % 40_000), ip + 20 + (fromServer ? 2 : 0));
    atUs += stepUs;
  }
  for (const at of template.tickets) into.writeUInt32BE(n, from + at);
  return from + template.bytes.length;
}

async function measure(name: string, connections: number, data: number): Promise<TapRow> {
  const made = templates(data);
  const child = spawn(process.execPath, ["bin/reprise.mjs", "tap", "--json", "--node", "edge-1"], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  const { pid = 0, stdin, stderr } = child;
  let said = "";
  stderr.on("data", (text) => {
    said += text;
  });
  stdin.write(gunzipSync(readFileSync("tests/fixtures/pcap/tls12_ticket.pcap.gz")).subarray(0, HEADER_BYTES));
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const before = cpuSecondsOf(pid);
  const residentMb: number[] = [];
  let [buffer, filled, bytes] = [Buffer.alloc(CHUNK_BYTES * 2), 0, 0];
  for (let n = 0; n < connections; n += 1) {
    filled = writeConnection(buffer, filled, { template: made[n % made.length] as Template, n });
    if (filled >= CHUNK_BYTES || n === connections - 1) {
      bytes += filled;
      if (!stdin.write(buffer.subarray(0, filled))) await once(stdin, "drain");
      [buffer, filled] = [Buffer.alloc(CHUNK_BYTES * 2), 0];
    }
    if ((n + 1) % Math.floor(connections / 4) === 0) residentMb.push(memoryMb(pid, "now"));
  }
  const peakMb = memoryMb(pid, "peak");
  const cpuSeconds = cpuSecondsOf(pid) - before;
  stdin.end();
  await once(child, "exit");
  const counts = JSON.parse(said);
  if (counts.handshakes !== connections)
    throw new Error(`${counts.handshakes} handshakes of ${connections}: ${said}`);
  return {
    name,
    packets: counts.packets,
    megabytes: bytes / 1e6,
    handshakes: connections,
    cpuSeconds,
    residentMb,
    peakMb,
  };
}

/** Handshakes alone, and handshakes among other traffic: `connections` of each. */
export async function benchTap(connections = 150_000): Promise<TapRow[]> {
  return [
    await measure("handshakes alone", connections, 0),
    await measure("with 40 segments of data each", connections, 40),
  ];
}
