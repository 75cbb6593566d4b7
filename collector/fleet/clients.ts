import type { Clock } from "../../lib/runtime/clock.ts";
import { FAMILIES, type Family, SCANNER } from "./families.ts";
import type { LabNode } from "./node.ts";
import { SESSION_TIMEOUT_S } from "./node.ts";
import type { Endpoint } from "./topology.ts";
import { Visitor } from "./visitor.ts";

/** Fewer would make a family's rate hang on single clients. */
const LEAST_CLIENTS = 4;

type Client = { readonly visitor: Visitor; readonly region: string; readonly number: number };

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
      return { visitor: new Visitor(family, clock), region, number };
    });
  }

  /** Who comes next, and where to. */
  next(): Visit | null {
    const { random } = this.#options;
    const [family, clients] = this.#pick(this.#families, ([{ weight }]) => weight);
    const client = clients[Math.floor(random() * clients.length)];
    if (!client) return null;
    if (random() < family.forgets) client.visitor.forget();
    return this.#towards(client, this.#endpoint());
  }

  /** A visit of a scanner: it has never been here. */
  scan(endpoint: string | undefined): Visit | null {
    const region = this.#regions[Math.floor(this.#options.random() * this.#regions.length)] ?? "";
    const visitor = new Visitor(SCANNER, this.#options.clock);
    return this.#towards({ visitor, region, number: 0 }, endpoint ?? this.#endpoint());
  }

  /** A first visit of each client, as if it had been some time ago: nobody is new when the lab begins. */
  async prime(): Promise<void> {
    for (const [, clients] of this.#families)
      for (const client of clients) {
        for (const { name } of this.#options.endpoints) {
          const visit = this.#towards(client, name);
          if (visit) await client.visitor.visit({ endpoint: name, port: visit.node.port }).catch(() => false);
        }
        client.visitor.age(this.#options.random() * SESSION_TIMEOUT_S * 1_000);
      }
  }

  #towards({ visitor, region, number }: Client, endpoint: string): Visit | null {
    const near = this.#options.nodes.filter(
      ({ options }) => options.endpoint === endpoint && options.region === region,
    );
    const at = visitor.family.pinned
      ? Math.floor(number / this.#regions.length) % near.length
      : Math.floor(this.#options.random() * near.length);
    const node = near[at];
    return node ? { visitor, node } : null;
  }

  #endpoint(): string {
    return this.#pick(this.#options.endpoints, ({ weight }) => weight).name;
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
