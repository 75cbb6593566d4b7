import { useId } from "react";
import { INTENT_FIELDS, type Intent, type IntentName } from "@/lib/domain/intent.ts";
import { lengthText, parseLength } from "./words.ts";

type Value = Intent[IntentName];

/** A declared value as it is entered. */
function textOf(name: IntentName, value: Value): string {
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" && INTENT_FIELDS[name].kind === "seconds"
    ? lengthText(value)
    : String(value);
}

/** What was entered: null for nothing, undefined where it cannot be read. */
export function enteredOf(name: IntentName, text: string): string | number | boolean | null | undefined {
  if (text.trim() === "") return null;
  switch (INTENT_FIELDS[name].kind) {
    case "flag":
      return text === "yes";
    case "seconds":
      return parseLength(text) ?? undefined;
    case "count": {
      const count = Number(text);
      return Number.isInteger(count) ? count : undefined;
    }
    default:
      return text;
  }
}

type Props = { readonly name: IntentName; readonly value: Value; readonly inherited: Value };

/** One declaration; empty where nothing was said, with what holds for all endpoints then. */
export function IntentInput({ name, value, inherited }: Props) {
  const field = INTENT_FIELDS[name];
  const fallback =
    inherited === null ? "not declared" : `${textOf(name, inherited).replaceAll("_", " ")} (for all)`;
  const options = field.kind === "flag" ? ["yes", "no"] : field.kind === "choice" ? field.options : null;
  const id = useId();
  const shared = {
    id,
    name,
    className: "field",
    "aria-describedby": `${id}-about`,
    defaultValue: textOf(name, value),
  };
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="block">
        {field.label}
      </label>
      {options ? (
        <select {...shared}>
          <option value="">{fallback}</option>
          {options.map((option) => (
            <option key={option} value={option}>
              {option.replaceAll("_", " ")}
            </option>
          ))}
        </select>
      ) : (
        <input {...shared} placeholder={fallback} maxLength={253} />
      )}
      <span id={`${id}-about`} className="label block">
        {field.about}
      </span>
    </div>
  );
}
