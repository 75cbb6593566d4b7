type ChoiceProps = {
  /** Read out; not shown. */
  readonly label: string;
  readonly value: string;
  /** Values with what is shown for them, in order. */
  readonly choices: Readonly<Record<string, string>>;
  readonly choose: (value: string) => void;
};

/** One of several, as pages filter by. */
export function Choice({ label, value, choices, choose }: ChoiceProps) {
  return (
    <label className="control min-w-0">
      <span className="sr-only">{label}</span>
      <select
        className="max-w-56 bg-transparent"
        value={value}
        onChange={(event) => choose(event.target.value)}
      >
        {Object.entries(choices).map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

type SpanChoiceProps<Name extends string> = {
  readonly label: string;
  readonly names: readonly Name[];
  readonly value: Name;
  readonly choose: (name: Name) => void;
};

/** How far a list looks back. */
export function SpanChoice<Name extends string>({ label, names, value, choose }: SpanChoiceProps<Name>) {
  return (
    <fieldset className="flex flex-wrap gap-px" aria-label={label}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          className="control"
          aria-pressed={value === name}
          onClick={() => choose(name)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
