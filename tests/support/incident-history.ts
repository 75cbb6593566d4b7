import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startProgram } from "./process.ts";
import { post } from "./stack.ts";

const MINUTE_MS = 60_000;
/** Detection learns for a day before it judges. */
const HISTORY_MINUTES = 28 * 60;
/** Since when edge-3 refuses nearly all offers. */
export const FAULT_MINUTES = 40;
const BATCH = 5_000;

/** Numbers from 0 to 1 that are the same in every run. */
function sameNumbers(): () => number {
  let state = 7;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** Where it goes: a folder that is there, and the token of a tenant's sender. */
type HistoryOf = { readonly dataDir?: string; readonly token?: string };

/**
 * A data folder with a day of handshakes of shop.example on four nodes, as a proxy that sees offers tells them. Forty minutes ago,
 * three minutes after a key rotation, edge-3 stopped knowing its peers' tickets. The detector finds it when it reads this history.
 */
export async function makeIncidentHistory(nowMs: number, of: HistoryOf = {}): Promise<string> {
  const dataDir = of.dataDir ?? (await mkdtemp(join(tmpdir(), "reprise-incident-")));
  const headers: Record<string, string> = of.token ? { authorization: `Bearer ${of.token}` } : {};
  const port = await freePort();
  const collector = await startProgram(process.execPath, ["bin/reprise.mjs", "collector"], {
    port,
    env: {
      ...process.env,
      REPRISE_DATA_DIR: dataDir,
      REPRISE_COLLECTOR_PORT: String(port),
      REPRISE_SYSLOG_PORT: "0",
      REPRISE_LOG_LEVEL: "warn",
    },
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    let events: unknown[] = [];
    for (const event of history(nowMs)) {
      events.push(event);
      if (events.length < BATCH) continue;
      await post(`${url}/v1/handshakes?node=seed`, events, headers);
      events = [];
    }
    await post(`${url}/v1/handshakes?node=seed`, events, headers);
    await post(`${url}/v1/changes`, changes(nowMs), headers);
  } finally {
    await collector.stop();
  }
  return dataDir;
}

function* history(nowMs: number): Generator<unknown> {
  const random = sameNumbers();
  const about = (mean: number): number =>
    Math.max(0, Math.round(mean + (random() - 0.5) * 2 * Math.sqrt(mean)));
  for (let minute = HISTORY_MINUTES; minute > 0; minute -= 1)
    for (const [index, node] of ["edge-1", "edge-2", "edge-3", "edge-4"].entries())
      for (const [family, mean] of [
        ["chrome", 30],
        ["safari", 18],
      ] as const) {
        const offered = about(mean * 0.82);
        const known = node !== "edge-3" || minute > FAULT_MINUTES;
        const accepted = Math.min(offered, about(offered * (known ? 0.95 : 0.25)));
        const place = {
          ts: nowMs - minute * MINUTE_MS,
          endpoint: "shop.example",
          node,
          region: index < 2 ? "eu-west" : "us-east",
          family,
          protocol: "TLSv1.3",
        };
        yield* [
          { ...place, outcome: "resumed", offer: "psk", mechanism: "psk", handshakeUs: 900, count: accepted },
          {
            ...place,
            outcome: "full",
            offer: "psk",
            reason: "unknown_key",
            handshakeUs: 2_600,
            count: offered - accepted,
          },
          { ...place, outcome: "full", offer: "none", handshakeUs: 2_500, count: about(mean * 0.18) },
        ].filter(({ count }) => count > 0);
      }
}

const changes = (nowMs: number): unknown[] => [
  {
    id: "rotation-2",
    ts: nowMs - (FAULT_MINUTES + 3) * MINUTE_MS,
    kind: "key_rotation",
    title: "Rotate the STEK of shop.example",
    actor: "rotator",
    endpoint: "shop.example",
  },
  {
    id: "rotation-1",
    ts: nowMs - (FAULT_MINUTES + 723) * MINUTE_MS,
    kind: "key_rotation",
    title: "Rotate the STEK of shop.example, the night before",
    actor: "rotator",
    endpoint: "shop.example",
  },
];
