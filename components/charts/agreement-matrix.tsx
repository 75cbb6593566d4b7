import { formatPercent } from "../ui/format.ts";
import type { MatrixCell, MatrixModel } from "./prepare/agreement.ts";

const LOOKS = {
  agrees: { sign: "✓", look: "bg-good/15 text-good", word: "accepted" },
  refuses: { sign: "✗", look: "bg-bad/20 text-bad", word: "refused" },
  unknown: { sign: "·", look: "text-ink-3", word: "not known" },
} as const;

/**
 * Which node resumes what which node issued: a row is an issuer, a column the node that is asked. Nodes that do not fit stand
 * first and are marked.
 */
export function AgreementMatrix({ model, label }: { model: MatrixModel; label: string }) {
  return (
    <section className="max-h-[36rem] overflow-auto" tabIndex={0} aria-label={label}>
      <table className="border-separate border-spacing-px">
        <thead>
          <tr>
            <td className="sticky left-0 z-1 bg-surface px-2 text-right text-[11px] text-ink-3">
              issued by ↓ · asked →
            </td>
            {model.nodes.map(({ name, misfit }) => (
              <th
                key={name}
                scope="col"
                className={`h-24 w-8 align-bottom text-[12px] font-normal ${misfit ? "text-bad" : "text-ink-2"}`}
              >
                <span
                  className={`mx-auto block max-h-24 truncate [writing-mode:vertical-rl] rotate-180 ${misfit ? "font-semibold" : ""}`}
                >
                  {name}
                  {misfit ? " ✗" : ""}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {model.nodes.map(({ name, misfit }, row) => (
            <tr key={name}>
              <th
                scope="row"
                className={`sticky left-0 z-1 max-w-40 truncate bg-surface px-2 text-right text-[12px] ${misfit ? "font-semibold text-bad" : "font-normal text-ink-2"}`}
              >
                {misfit ? "✗ " : ""}
                {name}
              </th>
              {model.nodes.map((to, column) => (
                <Cell key={to.name} cell={model.cells[row]?.[column] ?? null} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {model.left > 0 ? <p className="pt-1 text-ink-3">and {model.left} more nodes, in the table</p> : null}
    </section>
  );
}

function Cell({ cell }: { cell: MatrixCell | null }) {
  const look = LOOKS[cell?.verdict ?? "unknown"];
  const share = cell?.share ?? null;
  return (
    <td
      className={`h-7 w-8 min-w-8 text-center ${look.look} ${cell?.own ? "outline outline-rule-strong -outline-offset-1" : ""}`}
      title={cell?.text}
    >
      <span aria-hidden>{share === null ? look.sign : formatPercent(share, 0).replace(" %", "")}</span>
      <span className="sr-only">
        {look.word}
        {cell ? `, ${cell.text}` : ""}
      </span>
    </td>
  );
}
