import type { Clock } from "../../lib/runtime/clock.ts";
import { selfSigned } from "./certificate.ts";
import { FAMILIES, type Family, SCANNER } from "./families.ts";
import { KeyRing } from "./key-ring.ts";
import { LabNode } from "./node.ts";
import { Reporter } from "./reporter.ts";
import { Visitor } from "./visitor.ts";

/** Endpoints with their share of visits; each runs on every node. */
const ENDPOINTS = [
  { name: "shop.example", weight: 5 },
  { name: "api.example", weight: 3 },
  { name: "login.example", weight: 1 },
] as const;
const NODES = [
  { node: "edge-eu-1", region: "eu-west" },
  { node: "edge-eu-2", region: "eu-west" },
  { node: "edge-us-1", region: "us-east" },
  { node: "edge-us-2", region: "us-east" },
  { node: "edge-ap-1", region: "ap-south" },
  { node: "edge-ap-2", region: "ap-south" },
] as const;
const REGIONS = ["eu-west", "us-east", "ap-south"] as const;
/** Visits at once; beyond it visitors stay away, so that a slow machine is not piled upon. */
const MAX_VISITS = 64;

export type FleetOptions = {
  readonly collectorUrl: string;
  /** Visits a second. */
  readonly rate: number;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
};

type Client = { readonly visitor: Visitor; readonly region: string };

/** Real TLS nodes in regions, and real clients that come and come back. */
export class Fleet {
  readonly nodes: readonly LabNode[];
  readonly reporter: Reporter;
  readonly options: FleetOptions;
  readonly #rings = new Map<string, KeyRing>();
  readonly #clients: readonly (readonly [Family, readonly Client[]])[];
  #visits = 0;
  #flooding = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: FleetOptions) {
    this.options = options;
    this.reporter = new Reporter(options.collectorUrl);
    const certificate = selfSigned(
      ENDPOINTS.map(({ name }) => name),
      options.clock(),
    );
    this.nodes = ENDPOINTS.flatMap(({ name }) => {
      const ring = new KeyRing();
      this.#rings.set(name, ring);
      const common = { endpoint: name, certificate, ring, report: this.reporter.add, clock: options.clock };
      return NODES.map(({ node, region }) => new LabNode({ ...common, node, region }));
    });
    this.#clients = FAMILIES.map((family) => [family, this.#makeClients(family)] as const);
  }

  async start(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.listen()));
    this.reporter.start();
    this.#next();
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

  /** The nodes of a scope; a part that is not given takes all. */
  nodesOf(scope: { readonly endpoint?: string | undefined; readonly node?: string | undefined }): LabNode[] {
    return this.nodes.filter(
      ({ options }) =>
        (!scope.endpoint || options.endpoint === scope.endpoint) &&
        (!scope.node || options.node === scope.node),
    );
  }

  /** New STEKs for the endpoints of a scope, on all their nodes at once. */
  rotate(scope: { readonly endpoint?: string | undefined }, overlapMs: number): void {
    for (const [endpoint, ring] of this.#rings)
      if (!scope.endpoint || scope.endpoint === endpoint) ring.rotate(this.options.clock(), overlapMs);
    for (const node of this.nodesOf(scope)) node.loadKeys();
  }

  /** Extra first-time visits a second, from a scanner. */
  flood(perSecond: number): void {
    this.#flooding = perSecond;
  }

  #makeClients(family: Family): Client[] {
    return Array.from({ length: family.clients }, (_, i) => ({
      visitor: new Visitor(family),
      region: REGIONS[i % REGIONS.length] ?? REGIONS[0],
    }));
  }

  #next(): void {
    const perSecond = this.options.rate + this.#flooding;
    const pauseMs = (-Math.log(1 - this.options.random()) / perSecond) * 1_000;
    this.#timer = setTimeout(() => {
      const scanner = this.options.random() < this.#flooding / perSecond;
      if (this.#visits < MAX_VISITS) void this.#visit(scanner);
      this.#next();
    }, pauseMs);
  }

  async #visit(scanner: boolean): Promise<void> {
    const { random } = this.options;
    const family = this.#pick(this.#clients, ([{ weight }]) => weight);
    const clients = family[1];
    const client = clients[Math.floor(random() * clients.length)];
    const endpoint = this.#pick(ENDPOINTS, ({ weight }) => weight).name;
    if (!client) return;
    const visitor = scanner ? new Visitor(SCANNER) : client.visitor;
    if (random() < visitor.family.forgets) visitor.forget();
    const near = this.nodes.filter(
      ({ options }) => options.endpoint === endpoint && options.region === client.region,
    );
    const node = near[Math.floor(random() * near.length)];
    if (!node) return;
    this.#visits += 1;
    // A visit that fails is seen, and reported, by the node.
    await visitor.visit({ endpoint, port: node.port }).catch(() => false);
    this.#visits -= 1;
  }

  #pick<T>(list: readonly T[], weight: (item: T) => number): T {
    let rest = this.options.random() * list.reduce((sum, item) => sum + weight(item), 0);
    for (const item of list) {
      rest -= weight(item);
      if (rest < 0) return item;
    }
    return list[0] as T;
  }
}
