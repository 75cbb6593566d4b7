import { Agenda } from "./agenda.ts";
import { selfSigned } from "./certificate.ts";
import { Clients, type Visit } from "./clients.ts";
import { KeyRing } from "./key-ring.ts";
import type { LabClock } from "./lab-clock.ts";
import { LabNode } from "./node.ts";
import { Reporter } from "./reporter.ts";
import type { Topology } from "./topology.ts";

/** Visits at once. In real time visitors stay away beyond it, so that a slow machine is not piled upon. */
const MAX_VISITS = 64;
/** At a raised tempo few, so that none waits for others and takes lab minutes; lab time waits for them instead. */
const MAX_HURRIED_VISITS = 2;
/** How far lab time may go on before the fleet looks again, and how old the oldest handshake under way may be. */
const AHEAD_MS = 10_000;
const BEHIND_MS = 28_000;
const LONGEST_PAUSE_MS = 200;
const MINUTE_MS = 60_000;

export type FleetOptions = {
  readonly collectorUrl: string;
  readonly topology: Topology;
  /** Visits a lab minute. */
  readonly perMinute: number;
  readonly clock: LabClock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
};
/** A part of the fleet; what is not named is all. */
export type Scope = { readonly endpoint?: string | undefined; readonly node?: string | undefined };
type Flood = { readonly perMinute: number; readonly endpoint: string | undefined };

/** Real TLS nodes in regions, and real clients that come and come back, by the lab's time. */
export class Fleet {
  readonly nodes: readonly LabNode[];
  readonly reporter: Reporter;
  readonly options: FleetOptions;
  readonly agenda = new Agenda();
  readonly #rings = new Map<string, KeyRing>();
  readonly #clients: Clients;
  #visits = 0;
  #flood: Flood | null = null;
  #nextMs = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: FleetOptions) {
    this.options = options;
    const { clock, topology } = options;
    this.reporter = new Reporter(options.collectorUrl, clock);
    const names = topology.endpoints.map(({ name }) => name);
    const certificate = selfSigned(names, clock.now());
    this.nodes = names.flatMap((endpoint) => {
      const ring = new KeyRing();
      this.#rings.set(endpoint, ring);
      const common = { endpoint, certificate, ring, report: this.reporter.add, clock: clock.now };
      return topology.machines.map((machine) => new LabNode({ ...common, ...machine }));
    });
    this.#clients = new Clients({
      ...options,
      endpoints: topology.endpoints,
      nodes: this.nodes,
      clock: clock.now,
    });
  }

  /** Opens the nodes, lets every client come once unseen, and begins. */
  async start(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.listen()));
    for (const node of this.nodes) node.muted = true;
    await this.#clients.prime();
    for (const node of this.nodes) node.muted = false;
    this.#nextMs = this.options.clock.now();
    this.#turn();
  }

  /** Lets visits under way end, sends what was seen, and closes the nodes. */
  async stop(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (let waited = 0; this.#visits > 0 && waited < 20; waited += 1)
      await new Promise((done) => setTimeout(done, 50));
    await this.reporter.stop();
    await Promise.all(this.nodes.map((node) => node.close()));
  }

  /** The nodes of a scope. */
  nodesOf(scope: Scope): LabNode[] {
    return this.nodes.filter(
      ({ options }) =>
        (!scope.endpoint || options.endpoint === scope.endpoint) &&
        (!scope.node || options.node === scope.node),
    );
  }

  /** New STEKs for the endpoints of a scope, on all their nodes at once. */
  rotate(scope: Pick<Scope, "endpoint">, overlapMs: number): void {
    for (const [endpoint, ring] of this.#rings)
      if (!scope.endpoint || scope.endpoint === endpoint) ring.rotate(this.options.clock.now(), overlapMs);
    for (const node of this.nodesOf({ endpoint: scope.endpoint })) node.loadKeys();
  }

  /** First-time visits of a scanner on top, `times` as many as there are others; 0 ends it. */
  flood(times: number, endpoint?: string): void {
    this.#flood = times > 0 ? { perMinute: times * this.options.perMinute, endpoint } : null;
  }

  get isFlooded(): boolean {
    return this.#flood !== null;
  }

  /** Whether lab time has to wait for what is under way. */
  #isBehind(nowMs: number): boolean {
    const sinceMs = this.reporter.waitingSinceMs;
    return this.#nextMs <= nowMs || (sinceMs !== null && nowMs - sinceMs > BEHIND_MS);
  }

  #turn(): void {
    const { clock } = this.options;
    const nowMs = clock.now();
    this.agenda.due(nowMs);
    this.#receive(nowMs);
    if (clock.live) this.#nextMs = Math.max(this.#nextMs, nowMs);
    this.reporter.poll();
    if (!this.#isBehind(nowMs)) clock.allow(nowMs + AHEAD_MS);
    const pauseMs = clock.live ? Math.min(LONGEST_PAUSE_MS, this.#nextMs - nowMs) : 1;
    this.#timer = setTimeout(() => this.#turn(), pauseMs);
  }

  /** Lets come who is due. */
  #receive(nowMs: number): void {
    const most = this.options.clock.live ? MAX_VISITS : MAX_HURRIED_VISITS;
    while (this.#nextMs <= nowMs && this.#visits < most) this.#come();
  }

  #come(): void {
    const { random, perMinute } = this.options;
    const all = perMinute + (this.#flood?.perMinute ?? 0);
    this.#nextMs += (-Math.log(1 - random()) / all) * MINUTE_MS;
    const scanned = this.#flood && random() * all < this.#flood.perMinute;
    const visit = scanned ? this.#clients.scan(this.#flood?.endpoint) : this.#clients.next();
    if (visit) void this.#visit(visit);
  }

  async #visit({ visitor, node }: Visit): Promise<void> {
    this.#visits += 1;
    // A visit that fails is seen, and reported, by the node.
    await visitor.visit({ endpoint: node.options.endpoint, port: node.port }).catch(() => false);
    this.#visits -= 1;
    if (this.#timer) this.#receive(this.options.clock.now());
  }
}
