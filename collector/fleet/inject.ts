import { CLEAR, FAULTS, type Fault, type Told } from "./faults.ts";
import type { Fleet, Scope } from "./fleet.ts";

const MINUTE_MS = 60_000;
/** A fault may be told to last so long. */
const LONGEST_MINUTES = 7 * 24 * 60;

/** What is to be done to the fleet. */
export type Order = {
  readonly name: string;
  readonly scope: Scope;
  /** Ends by itself after so many lab minutes; null when it is cleared. */
  readonly forMinutes: number | null;
};
/** What cannot be done, in one sentence for whoever asked. */
export class OrderError extends Error {
  override name = "OrderError";
}

/** Everything that can be ordered. */
export const ORDERS: readonly Fault[] = [...FAULTS, CLEAR];

/**
 * Does what was ordered; `record` hears of what an operator would have noted, now and at the end. Throws OrderError, and does
 * nothing, where the name, a part of the scope or the duration make no sense.
 */
export async function inject(
  fleet: Fleet,
  order: Order,
  record: (told: Told) => Promise<void>,
): Promise<void> {
  const fault = check(fleet, order);
  const { end } = fault;
  for (const told of fault.run(fleet, order.scope)) await record(told);
  if (order.forMinutes === null || !end) return;
  fleet.agenda.at(fleet.options.clock.now() + order.forMinutes * MINUTE_MS, () => {
    for (const told of end(fleet, order.scope)) void record(told);
  });
}

function check(fleet: Fleet, { name, scope, forMinutes }: Order): Fault {
  const fault = ORDERS.find((each) => each.name === name);
  if (!fault) throw new OrderError(`Unknown fault "${name}". Known: ${namesOf(ORDERS)}.`);
  const { endpoints, machines } = fleet.options.topology;
  for (const [part, known] of [
    ["endpoint", endpoints.map((endpoint) => endpoint.name)],
    ["node", machines.map(({ node }) => node)],
  ] as const) {
    const value = scope[part];
    if (value === undefined) continue;
    if (!fault.parts.includes(part))
      throw new OrderError(`${name} cannot be confined to one ${part}: leave --${part} out.`);
    if (!known.includes(value))
      throw new OrderError(`There is no ${part} "${value}" in the lab. It has ${known.join(", ")}.`);
  }
  if (forMinutes === null) return fault;
  if (!fault.end) throw new OrderError(`${name} is over at once: leave --for out.`);
  if (!(forMinutes > 0 && forMinutes <= LONGEST_MINUTES))
    throw new OrderError(`--for takes minutes above 0, and up to ${LONGEST_MINUTES}.`);
  return fault;
}

const namesOf = (list: readonly Fault[]): string => list.map(({ name }) => name).join(", ");
