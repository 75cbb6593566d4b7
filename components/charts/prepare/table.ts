import { csvCell } from "./model.ts";

/** A chart's figures as a table: for reading, and as CSV with exact values. */
export type TableModel = {
  readonly head: readonly string[];
  /** Cells as text; null: not known. */
  readonly rows: readonly { readonly id: string; readonly cells: readonly (string | null)[] }[];
  /** The same as exact values, with heads of their own; null: not known. */
  readonly csv: {
    readonly head: readonly string[];
    readonly rows: readonly (readonly (string | number | null)[])[];
  };
};

/** The table as CSV; what is not known is an empty cell. */
export function tableCsv({ csv }: TableModel): string {
  const lines = [csv.head, ...csv.rows].map((cells) => cells.map((cell) => csvCell(cell ?? "")).join(","));
  return `${lines.join("\r\n")}\r\n`;
}
