/** Readers of OTLP messages: what protobuf decodes to, and what its JSON mapping holds, are read alike. */

/** A message of opentelemetry-proto, its fields by their JSON names; 64-bit integers may be bigints. */
export type OtlpMessage = Readonly<Record<string, unknown>>;
export type AttributeValue = string | number | boolean;
export type Attributes = ReadonlyMap<string, AttributeValue>;

/** A field that holds something else than its message says; only JSON can do that. */
export class NotOtlp extends Error {
  override name = "NotOtlp";
}

const NO_ATTRIBUTES: Attributes = new Map();
const NANOS_PER_MS = 1_000_000n;
const WHOLE = /^-?\d{1,20}$/;

/** A message in a field; an empty one where it is absent. Throws NotOtlp where it is something else. */
export function messageIn(parent: OtlpMessage, name: string): OtlpMessage {
  const value = parent[name];
  if (value === undefined || value === null) return {};
  if (!isMessage(value)) throw new NotOtlp(`${name} must be an object`);
  return value;
}

/** The messages of a repeated field. Throws NotOtlp where it is something else. */
export function listIn(parent: OtlpMessage, name: string): readonly OtlpMessage[] {
  const value = parent[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new NotOtlp(`${name} must be an array`);
  if (!value.every(isMessage)) throw new NotOtlp(`${name} must hold objects`);
  return value;
}

export function isMessage(value: unknown): value is OtlpMessage {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An integer of 64 bits (a bigint, a number, or its digits as JSON writes them) as a number; null otherwise. */
export function integerOf(value: unknown): number | null {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  return typeof value === "string" && WHOLE.test(value) ? Number(value) : null;
}

/** Nanoseconds since the epoch in whole milliseconds; null for 0 (not known) and for what is no time. */
export function momentOf(value: unknown): number | null {
  const nanos = typeof value === "string" && WHOLE.test(value) ? BigInt(value) : value;
  const ms =
    typeof nanos === "bigint"
      ? Number(nanos / NANOS_PER_MS)
      : Math.floor((integerOf(nanos) ?? 0) / Number(NANOS_PER_MS));
  return ms > 0 ? ms : null;
}

/** Attributes by key, the first of equal ones; those without a plain value are left out. */
export function attributesOf(parent: OtlpMessage): Attributes {
  const list = listIn(parent, "attributes");
  if (list.length === 0) return NO_ATTRIBUTES;
  const found = new Map<string, AttributeValue>();
  for (const { key, value } of list) {
    const plain = plainOf(value);
    if (typeof key === "string" && plain !== null && !found.has(key)) found.set(key, plain);
  }
  return found;
}

/** The plain value of an AnyValue; null for an empty one, arrays, maps and bytes. */
export function plainOf(value: unknown): AttributeValue | null {
  if (!isMessage(value)) return null;
  if (typeof value.stringValue === "string") return value.stringValue;
  if (typeof value.boolValue === "boolean") return value.boolValue;
  if (value.intValue !== undefined) return integerOf(value.intValue);
  return typeof value.doubleValue === "number" ? value.doubleValue : null;
}

/** The first of these attributes that says something, as text. */
export function textAmong(attributes: Attributes, ...keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = attributes.get(key);
    if (value !== undefined && value !== "") return String(value);
  }
  return null;
}
