import type { PolicyReply, RuleView } from "@/lib/contract/read-policy.ts";
import { SeverityMark, VerdictMark, verdictText } from "./verdict-mark.tsx";

type Props = {
  readonly rules: readonly RuleView[];
  readonly endpoints: PolicyReply["endpoints"];
  /** Endpoints before the cap. */
  readonly total: number;
  readonly chosen: string | null;
  readonly choose: (rule: string, endpoint: string | null) => void;
};

/** Rules by endpoint: a mark for each verdict, which opens its evidence. */
export function RuleMatrix({ rules, endpoints, total, chosen, choose }: Props) {
  return (
    <>
      {endpoints.length === 0 ? (
        <p className="pb-2 text-ink-2">
          Rules are judged for each endpoint as soon as its handshakes, keys or probes arrive, or something is
          declared of it.
        </p>
      ) : null}
      <section className="relative overflow-x-auto" tabIndex={0} aria-label="Rules by endpoint">
        <table className="w-full text-left">
          <thead className="text-ink-3">
            <tr>
              <th className="sticky left-0 min-w-48 bg-surface py-1 pr-3 font-normal sm:min-w-72">Rule</th>
              <th className="pr-4 font-normal max-sm:hidden">Severity</th>
              {endpoints.map(({ endpoint }) => (
                <th
                  key={endpoint}
                  className="max-w-36 truncate px-2 text-center font-normal"
                  title={endpoint}
                >
                  {endpoint}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rules.map((rule) => (
              <Row
                key={rule.id}
                rule={rule}
                endpoints={endpoints}
                isChosen={rule.id === chosen}
                choose={choose}
              />
            ))}
          </tbody>
        </table>
      </section>
      {total > endpoints.length && endpoints.length > 1 ? (
        <p className="pt-2 text-ink-3">
          The {endpoints.length} endpoints with most handshakes of {total}.
        </p>
      ) : null}
    </>
  );
}

type RowProps = Pick<Props, "endpoints" | "choose"> & { readonly rule: RuleView; readonly isChosen: boolean };

function Row({ rule, endpoints, isChosen, choose }: RowProps) {
  const by = new Map(rule.verdicts.map((verdict) => [verdict.endpoint, verdict]));
  return (
    <tr
      className={`border-t border-rule ${isChosen ? "bg-accent-soft" : "hover:bg-sunken/60"}`}
      data-rule={rule.id}
    >
      <th
        scope="row"
        className={`sticky left-0 max-w-96 py-0.5 pr-3 font-normal max-sm:max-w-48 ${isChosen ? "bg-accent-soft" : "bg-surface"}`}
      >
        <button
          type="button"
          className="inline-flex min-h-[24px] items-baseline gap-2 text-left hover:underline"
          aria-current={isChosen}
          onClick={() => choose(rule.id, null)}
        >
          <span className="shrink-0 text-ink-2">{rule.id}</span>
          <span className="text-accent">{rule.title}</span>
        </button>
      </th>
      <td className="pr-4 max-sm:hidden">
        <SeverityMark severity={rule.severity} />
      </td>
      {endpoints.map(({ endpoint }) => {
        const verdict = by.get(endpoint);
        return (
          <td key={endpoint} className="px-2 text-center">
            {verdict ? (
              <button
                type="button"
                className="inline-flex min-h-[24px] min-w-[28px] items-center justify-center rounded-sm hover:bg-sunken"
                title={`${verdictText(verdict)}: ${verdict.summary}`}
                aria-label={`${rule.id} at ${endpoint}: ${verdictText(verdict)}`}
                onClick={() => choose(rule.id, endpoint)}
              >
                <VerdictMark of={verdict} />
              </button>
            ) : null}
          </td>
        );
      })}
    </tr>
  );
}
