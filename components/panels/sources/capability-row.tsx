import { CAPABILITIES, type CatalogueEntry } from "./catalogue.ts";

const COLOURS: Readonly<Record<string, string>> = { yes: "text-good", partly: "text-warn", no: "text-ink-3" };

/** What a source can and cannot tell, in one glance. */
export function CapabilityRow({ entry }: { entry: CatalogueEntry }) {
  return (
    <dl className="grid grid-cols-[auto_auto] justify-start gap-x-4 sm:grid-cols-[repeat(2,auto_auto)]">
      {CAPABILITIES.map(([key, label]) => {
        const value = String(entry.capabilities[key]);
        return (
          <div key={key} className="contents">
            <dt className="text-ink-2">{label}</dt>
            <dd className={COLOURS[value] ?? ""}>{value}</dd>
          </div>
        );
      })}
    </dl>
  );
}
