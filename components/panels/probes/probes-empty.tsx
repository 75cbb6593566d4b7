import { EmptyState } from "../../ui/states.tsx";
import { Gate } from "../visitor.tsx";

const EXAMPLE = `probe:
  - endpoint: shop.example
    nodes:
      - { name: edge-1, address: "10.0.0.11:443" }
      - { name: edge-2, address: "10.0.0.12:443" }
    every: 5m`;

/** What the prober is for, and how to give it something to do. */
export function ProbesEmpty({ add }: { add: () => void }) {
  return (
    <EmptyState title="Nothing is probed yet.">
      <p className="max-w-[68ch]">
        A probe connects to each node of an endpoint at its own address, in full and then resuming, and offers
        each node what another issued. It shows which node does not share keys, how long tickets live, when
        keys change, and what a resumption saves. It sends no request and counts in no rate.
      </p>
      <p className="mt-2">
        <Gate need="admin">
          <button type="button" className="control" onClick={add}>
            Add a target
          </button>
        </Gate>{" "}
        or write it into the file that REPRISE_CONFIG names:
      </p>
      <pre className="mt-2 overflow-x-auto rounded-sm bg-sunken p-2 font-mono text-[12px]" tabIndex={0}>
        {EXAMPLE}
      </pre>
    </EmptyState>
  );
}
