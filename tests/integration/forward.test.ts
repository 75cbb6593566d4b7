import { randomBytes } from "node:crypto";
import { afterEach, expect, it } from "vitest";
import { type Pushed, push, until } from "../support/collector.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { CollectorSite, handshakeTable } from "../support/site.ts";

const GATHER = { REPRISE_FORWARD_GATHER_MS: "300" };
/** Both sides are killed so often; REPRISE_FORWARD_ROUNDS for longer runs. */
const ROUNDS = Number(process.env.REPRISE_FORWARD_ROUNDS ?? 5);
const ENDPOINTS = ["shop", "api", "media"];
const OUTCOMES = ["full", "resumed", "failed", null];

let open: { destroy(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.reverse()) await one.destroy();
  open = [];
});

async function collector(environment: Readonly<Record<string, string>> = {}): Promise<CollectorSite> {
  const made = await CollectorSite.make(environment);
  open.push(made);
  await made.start();
  return made;
}

async function linkTo(centre: CollectorSite): Promise<CuttingProxy> {
  const proxy = await new CuttingProxy(centre.port).listen();
  open.push({ destroy: () => proxy.close() });
  return proxy;
}

const forwarding = (port: number, site: string): Record<string, string> => ({
  ...GATHER,
  REPRISE_FORWARD_URL: `http://127.0.0.1:${port}`,
  REPRISE_FORWARD_SITE: site,
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const drained = (site: CollectorSite) => async (): Promise<boolean> =>
  (await site.metric("reprise_forward_waiting_records")) === 0;

/** A sender that sends each push until it is acknowledged, under its key, and remembers what that was. */
class PatientSender {
  readonly acknowledged = new Map<string, number>();
  readonly #site: CollectorSite;
  readonly #name: string;
  #isDone = false;

  constructor(site: CollectorSite, name: string) {
    this.#site = site;
    this.#name = name;
  }

  finish(): void {
    this.#isDone = true;
  }

  async run(): Promise<void> {
    for (let n = 0; !this.#isDone; n += 1) {
      const events = Array.from({ length: 5 + (n % 20) }, (_, i) => ({
        ts: Date.now(),
        endpoint: ENDPOINTS[(n + i) % ENDPOINTS.length],
        node: `${this.#name}-${i % 2}`,
        outcome: OUTCOMES[i % OUTCOMES.length],
        handshakeUs: 500 + i,
      }));
      await this.#send(events, `${this.#name}-${n}`);
      for (const { endpoint, node, outcome } of events) {
        const key = `${endpoint} ${node} native ${outcome}`;
        this.acknowledged.set(key, (this.acknowledged.get(key) ?? 0) + 1);
      }
      await pause(5);
    }
  }

  async #send(events: readonly object[], key: string): Promise<void> {
    for (;;) {
      const headers = { "idempotency-key": key };
      const reply = await push(`${this.#site.url}/v1/handshakes`, events, headers).catch(() => null);
      if (reply?.status === 200) return;
      await pause(30);
    }
  }
}

it("what two sites acknowledged is at the centre once, whoever is killed and whatever is cut", async () => {
  const centre = await collector();
  const links = [await linkTo(centre), await linkTo(centre)];
  const sites: CollectorSite[] = [];
  for (const [i, link] of links.entries()) sites.push(await collector(forwarding(link.port, `site-${i}`)));
  const senders = sites.flatMap((site, i) => [
    new PatientSender(site, `s${i}a`),
    new PatientSender(site, `s${i}b`),
  ]);
  const runs = senders.map((sender) => sender.run());
  for (let round = 0; round < ROUNDS; round += 1) {
    const site = sites[round % sites.length];
    const link = links[round % links.length];
    if (!site || !link) throw new Error("there are two of each");
    await pause(200 + Math.random() * 900);
    await site.stop("SIGKILL");
    await site.start();
    await pause(Math.random() * 700);
    await centre.stop("SIGKILL");
    await pause(Math.random() * 500);
    await centre.start();
    link.weather = round % 2 === 0 ? "cut" : "blackhole";
    await pause(Math.random() * 800);
    link.weather = "fair";
  }
  for (const sender of senders) sender.finish();
  await Promise.all(runs);
  await pause(1_000);
  for (const site of sites) await until(drained(site), 60_000);
  for (const site of sites) expect(await site.metric("reprise_forward_rejected_total")).toBe(0);
  const expected = Object.fromEntries(senders.flatMap(({ acknowledged }) => [...acknowledged]));
  expect(Object.keys(expected).length).toBeGreaterThan(20);
  expect(await centre.read(handshakeTable)).toEqual(expected);
  const ofSites = await Promise.all(sites.map((site) => site.read(handshakeTable)));
  expect(Object.assign({}, ...ofSites)).toEqual(expected);
}, 180_000);

/** Changes that do not compress: 300 in a push are 3 MB. */
const changes = (n: number): object[] =>
  Array.from({ length: 300 }, (_, i) => ({
    ...{ id: `c-${n}-${i}`, ts: Date.now(), kind: "deploy", title: `change ${n}-${i}` },
    detail: randomBytes(4_900).toString("base64"),
  }));

it("a spool that is full holds senders back, says so, and goes on without a loss when the centre is there", async () => {
  const centre = await collector();
  await centre.stop("SIGKILL");
  const site = await collector({
    ...forwarding(centre.port, "site"),
    REPRISE_FORWARD_SPOOL_BYTES: "32000000",
  });
  const acknowledged: string[] = [];
  const attempt = async (n: number): Promise<Pushed> => {
    const items = changes(n);
    const reply = await push(`${site.url}/v1/changes`, items, { "idempotency-key": `n-${n}` });
    if (reply.status === 200) acknowledged.push(...items.map((item) => (item as { id: string }).id));
    return reply;
  };
  const fill = async (from: number): Promise<Pushed | null> => {
    for (let n = from; n < from + 40; n += 1) {
      if ((await attempt(n)).status === 200) continue;
      // What is in the journal takes less room once it is in a record.
      await pause(1_500);
      const again = await attempt(n);
      if (again.status !== 200) return again;
    }
    return null;
  };
  const refused = await fill(0);
  expect(refused?.status).toBe(503);
  expect(refused?.headers.get("retry-after")).toBe("10");
  expect(refused?.body.error).toBe("what waits for the central collector has filled its room");
  expect(acknowledged.length).toBeGreaterThan(1_500);
  await until(async () => (await site.metric("reprise_forward_stuck")) === 1, 30_000);
  expect(await site.health()).toEqual({ status: "degraded", forwarding: "stuck" });
  expect(await site.metric("reprise_forward_waiting_bytes")).toBeLessThan(32_000_000);
  expect(site.output).toContain("nothing more is taken");
  // A new start clears away what is in a record already, and takes no more than there is room for then.
  await site.stop("SIGKILL");
  await site.start();
  expect((await fill(100))?.status).toBe(503);
  expect(await site.metric("reprise_forward_waiting_bytes")).toBeLessThan(32_000_000);
  await centre.start();
  await until(async () => (await attempt(200)).status === 200, 20_000);
  await until(drained(site), 60_000);
  await pause(1_000);
  await until(drained(site), 60_000);
  expect(await site.health()).toEqual({ status: "ok", forwarding: "ok" });
  const at = { fromMs: Date.now() - 3_600_000, toMs: Date.now() + 600_000, limit: 20_000 };
  const ids = async (of: CollectorSite): Promise<string[]> =>
    (await of.read((store) => store.readChanges(1, at))).map(({ id }) => id).sort();
  expect(await ids(site)).toEqual([...acknowledged].sort());
  expect(await ids(centre)).toEqual([...acknowledged].sort());
});

it("says in one sentence what is wrong with its settings", async () => {
  const site = await CollectorSite.make();
  open.push(site);
  const wrong = (more: Record<string, string>): Promise<unknown> => site.start(more).catch((error) => error);
  expect(String(await wrong({ REPRISE_FORWARD_URL: "ftp://centre" }))).toContain(
    "REPRISE_FORWARD_URL must be",
  );
  const url = { REPRISE_FORWARD_URL: "http://127.0.0.1:9" };
  expect(String(await wrong({ ...url, REPRISE_FORWARD_SPOOL_BYTES: "1000" }))).toContain("at least 32000000");
  expect(String(await wrong({ ...url, REPRISE_FORWARD_CA: "/nowhere.pem" }))).toContain("cannot be read");
});
