/** The little of DER (X.690) that a serialised session needs: definite lengths, one tag byte. */
export type DerValue = {
  readonly tag: number;
  /** What stands within. */
  readonly body: Buffer;
};

/** Sessions hold some twenty; what holds more is none, and costs no more to tell. */
const MOST_VALUES = 64;

/** The values that stand in a row in `bytes`; null where they do not end with it, or are more than 64. Looks at nothing within them. */
export function readDer(bytes: Buffer): DerValue[] | null {
  const values: DerValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const found = valueAt(bytes, at);
    if (found === null || values.length === MOST_VALUES) return null;
    values.push(found.value);
    at = found.end;
  }
  return values;
}

/** The one value that `bytes` are; null where they are not. */
export function readOne(bytes: Buffer): DerValue | null {
  const found = valueAt(bytes, 0);
  return found?.end === bytes.length ? found.value : null;
}

function valueAt(bytes: Buffer, at: number): { readonly value: DerValue; readonly end: number } | null {
  const tag = bytes[at];
  const length = lengthAt(bytes, at + 1);
  // Tags of several bytes (all five bits set) occur in no session.
  if (tag === undefined || length === null || (tag & 0x1f) === 0x1f) return null;
  const end = length.from + length.bytes;
  return end > bytes.length ? null : { value: { tag, body: bytes.subarray(length.from, end) }, end };
}

function lengthAt(bytes: Buffer, at: number): { readonly from: number; readonly bytes: number } | null {
  const first = bytes[at];
  if (first === undefined) return null;
  if (first < 0x80) return { from: at + 1, bytes: first };
  const size = first & 0x7f;
  if (size === 0 || size > 4 || at + 1 + size > bytes.length) return null;
  return { from: at + 1 + size, bytes: bytes.readUIntBE(at + 1, size) };
}

/** A whole number of up to 48 bits, as INTEGER holds it; null where it is larger or negative. */
export function wholeOf(value: DerValue): number | null {
  const { tag, body } = value;
  if (tag !== 0x02 || body.length === 0 || ((body[0] as number) & 0x80) !== 0) return null;
  const digits = body[0] === 0 ? body.subarray(1) : body;
  if (digits.length > 6) return null;
  return digits.length === 0 ? 0 : digits.readUIntBE(0, digits.length);
}
