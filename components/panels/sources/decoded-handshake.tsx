import { formatAge, formatUs } from "../../ui/format.ts";

type Decoded = Readonly<Record<string, string | number | null>>;

const FIELDS: readonly (readonly [key: string, label: string])[] = [
  ["endpoint", "Endpoint"],
  ["node", "Node"],
  ["region", "Region"],
  ["outcome", "Outcome"],
  ["mechanism", "Mechanism"],
  ["offer", "Offer"],
  ["reason", "Rejection reason"],
  ["protocol", "Protocol"],
  ["cipher", "Cipher"],
  ["family", "Client family"],
  ["handshakeUs", "Handshake time"],
  ["earlyData", "Early data"],
  ["alert", "Failure"],
];

function textOf(key: string, value: string | number | null | undefined): string {
  if (key === "outcome" && value == null) return "completed, not known how";
  if (value === null || value === undefined) return "not known";
  return key === "handshakeUs" ? formatUs(Number(value)) : String(value);
}

/** One handshake as Reprise understood it: every field, and what is not known. */
export function DecodedHandshake({ handshake, nowMs }: { handshake: Decoded; nowMs: number }) {
  return (
    <div>
      <p className="mb-1 text-ink-3">
        Newest handshake as decoded, {formatAge(nowMs - Number(handshake.atMs))}
        {Number(handshake.count) > 1 ? ` (stands for ${handshake.count})` : ""}
      </p>
      <dl className="grid grid-cols-[auto_auto] justify-start gap-x-4 sm:grid-cols-[repeat(2,auto_auto)]">
        {FIELDS.map(([key, label]) => {
          const known = handshake[key] !== null && handshake[key] !== undefined;
          return (
            <div key={key} className="contents">
              <dt className="text-ink-2">{label}</dt>
              <dd className={`break-all ${known ? "" : "text-ink-3"}`}>{textOf(key, handshake[key])}</dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}
