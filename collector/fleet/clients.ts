import type { Clock } from "../../lib/runtime/clock.ts";
import { FAMILIES, type Family, SCANNER } from "./families.ts";
import type { LabNode } from "./node.ts";
import { SESSION_TIMEOUT_S } from "./node.ts";
import type { Endpoint } from "./topology.ts";
import { Visitor } from "./visitor.ts";

/** Fewer would make a family's rate hang on single clients. */
const LEAST_CLIENTS = 4;
const GOLDEN = 0.618_033_988_75;

/** A client comes to one endpoint only. */
type Client = {
  readonly visitor: Visitor;
  readonly region: string;
  readonly endpoint: string;
  readonly number: number;
};

export type Visit = { readonly visitor: Visitor; readonly node: LabNode };
export type ClientsOptions = {
  readonly nodes: readonly LabNode[];
  readonly endpoints: readonly Endpoint[];
  /** Visits a lab minute, of all. */
  readonly perMinute: number;
  readonly clock: Clock;
  readonly random: () => number;
};

/** The lab's clients: as many of each family as it takes for them to come back as often as they do. */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #families: readonly (readonly [Family, readonly Client[]])[];
  readonly #regions: readonly string[];

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.#regions = [...new Set(options.nodes.map(({ options: { region } }) => region))];
    this.#families = FAMILIES.map((family) => [family, this.#make(family)] as const);
  }

  #make(family: Family): Client[] {
    const { perMinute, clock } = this.#options;
    const all = FAMILIES.reduce((sum, { weight }) => sum + weight, 0);
    const length = Math.round((perMinute * family.weight * family.returnMinutes) / all);
    return Array.from({ length: Math.max(LEAST_CLIENTS, length) }, (_, number) => {
      const region = this.#regions[number % this.#regions.length] ?? "";
      return { visitor: new Visitor(family, clock), region, endpoint: this.#endpointAt(number), number };
    });
  }

  /** Who comes next, and where to. */
  next(): Visit | null {
    const { random } = this.#options;
    const [family, clients] = this.#pick(this.#families, ([{ weight }]) => weight);
    const client = clients[Math.floor(random() * clients.length)];
    if (!client) return null;
    if (random() < family.forgets) client.visitor.forget();
    return this.#towards(client);
  }

  /** A visit of a scanner: it has never been here. */
  scan(endpoint: string | undefined): Visit | null {
    const region = this.#regions[Math.floor(this.#options.random() * this.#regions.length)] ?? "";
    const visitor = new Visitor(SCANNER, this.#options.clock);
    const anywhere = this.#pick(this.#options.endpoints, ({ weight }) => weight).name;
    return this.#towards({ visitor, region, endpoint: endpoint ?? anywhere, number: 0 });
  }

  /** A first visit of each client, as if it had been some time ago: nobody is new when the lab begins. */
  async prime(): Promise<void> {
    for (const [, clients] of this.#families)
      for (const client of clients) {
        const visit = this.#towards(client);
        if (!visit) continue;
        const { endpoint, visitor } = client;
        await visitor.visit({ endpoint, port: visit.node.port }).catch(() => false);
        visitor.age(this.#options.random() * SESSION_TIMEOUT_S * 1_000);
      }
  }

  #towards({ visitor, region, endpoint, number }: Client): Visit | null {
    const near = this.#options.nodes.filter(
      ({ options }) => options.endpoint === endpoint && options.region === region,
    );
    const at = visitor.family.pinned
      ? Math.floor(number / this.#regions.length) % near.length
      : Math.floor(this.#options.random() * near.length);
    const node = near[at];
    return node ? { visitor, node } : null;
  }

  /** Spreads clients by number over endpoints, as their weights have it. */
  #endpointAt(number: number): string {
    const { endpoints } = this.#options;
    const all = endpoints.reduce((sum, { weight }) => sum + weight, 0);
    // The golden ratio's multiples lie evenly, however many are taken, and in no step with the regions'.
    let rest = ((number * GOLDEN) % 1) * all;
    const found = endpoints.find(({ weight }) => {
      rest -= weight;
      return rest < 0;
    });
    return (found ?? endpoints[0])?.name ?? "";
  }

  #pick<T>(list: readonly T[], weight: (item: T) => number): T {
    let rest = this.#options.random() * list.reduce((sum, item) => sum + weight(item), 0);
    for (const item of list) {
      rest -= weight(item);
      if (rest < 0) return item;
    }
    return list[0] as T;
  }
}
