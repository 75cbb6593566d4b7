/** Heads of a table's columns, and one that is only read out over what can be done with each row. */
export function TableHead({ names }: { readonly names: readonly string[] }) {
  return (
    <thead className="text-ink-3">
      <tr>
        {names.map((name) => (
          <th key={name} className="py-1 pr-4 font-normal">
            {name}
          </th>
        ))}
        <th>
          <span className="sr-only">Actions</span>
        </th>
      </tr>
    </thead>
  );
}
