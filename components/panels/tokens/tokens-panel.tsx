"use client";
import { useState } from "react";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import { EmptyState } from "@/components/ui/states.tsx";
import { TableHead } from "@/components/ui/table-head.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { MadeTokenReply, TokensReply, TokenView } from "@/lib/contract/read-tokens.ts";
import { MadeToken } from "./made-token.tsx";
import { useTokenAct } from "./use-tokens.ts";

/** Tokens of the tenant: what each may do, when it was used, and how it ends. */
export function TokensPanel({ data }: { readonly data: TokensReply }) {
  const [made, setMade] = useState<MadeTokenReply | null>(null);
  const usable = data.tokens.filter(({ state }) => state === "usable").length;
  return (
    <Panel title="Tokens" note={`${usable} of ${data.tokens.length} can be used`}>
      {made ? <MadeToken made={made} close={() => setMade(null)} /> : null}
      {data.tokens.length === 0 ? (
        <EmptyState title="There are no tokens">
          Senders beyond this machine need one, and scripts that ask the console.
        </EmptyState>
      ) : (
        <section className="overflow-x-auto" tabIndex={0} aria-label="Tokens of this tenant">
          <table className="w-full text-left">
            <TableHead names={["Token", "May", "Only", "Made", "Last used", "Ends"]} />
            <tbody>
              {data.tokens.map((token) => (
                <Row key={token.id} token={token} made={setMade} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  );
}

type RowProps = { readonly token: TokenView; readonly made: (made: MadeTokenReply) => void };

function Row({ token, made }: RowProps) {
  const { id, name, state, scopes, endpoints, nodes, createdMs, createdBy, lastUsedMs } = token;
  const rotate = useTokenAct<MadeTokenReply>();
  const bounds = [
    ...(endpoints ? [`endpoints ${endpoints.join(", ")}`] : []),
    ...(nodes ? [`nodes ${nodes.join(", ")}`] : []),
  ];
  return (
    <tr
      className={`border-t border-rule align-top ${state === "usable" ? "" : "text-ink-3"}`}
      data-token={id}
    >
      <th scope="row" className="min-w-40 py-1.5 pr-4 font-normal">
        <bdi className="font-medium break-words">{name}</bdi>
        <div className="font-mono text-[12px] text-ink-3">{id}</div>
        <Problem error={rotate.error} />
      </th>
      <td className="py-1.5 pr-4">{scopes.join(", ")}</td>
      <td className="max-w-64 py-1.5 pr-4 break-words">
        <bdi>{bounds.join("; ") || "–"}</bdi>
      </td>
      <td className="py-1.5 pr-4">
        <Time ms={createdMs} />
        <div className="text-ink-3">
          by <bdi>{createdBy}</bdi>
        </div>
      </td>
      <td className="py-1.5 pr-4 whitespace-nowrap">
        {lastUsedMs === null ? "never" : <Time ms={lastUsedMs} />}
      </td>
      <td className="py-1.5 pr-4">
        <End token={token} />
      </td>
      <td className="py-1 text-right whitespace-nowrap">
        {state === "usable" ? (
          <>
            {token.successorId === null ? (
              <button
                type="button"
                className="control"
                disabled={rotate.isPending}
                onClick={() =>
                  rotate.mutate(
                    { path: `/api/tokens/${id}/rotate`, method: "POST", body: {} },
                    { onSuccess: made },
                  )
                }
              >
                Rotate<span className="sr-only"> {name}</span>
              </button>
            ) : null}{" "}
            <Revoke token={token} />
          </>
        ) : null}
      </td>
    </tr>
  );
}

function End({ token: { state, expiresMs, revokedMs, revokedBy } }: { readonly token: TokenView }) {
  if (state === "revoked" && revokedMs !== null)
    return (
      <>
        revoked <Time ms={revokedMs} />
        <div>
          by <bdi>{revokedBy}</bdi>
        </div>
      </>
    );
  if (expiresMs === null) return <>never</>;
  return (
    <>
      {state === "expired" ? "ended " : ""}
      <Time ms={expiresMs} />
    </>
  );
}

function Revoke({ token: { id, name } }: { readonly token: TokenView }) {
  const [sure, setSure] = useState(false);
  const revoke = useTokenAct();
  return (
    <button
      type="button"
      className={`control ${sure ? "border-bad text-bad" : ""}`}
      disabled={revoke.isPending}
      onClick={() => (sure ? revoke.mutate({ path: `/api/tokens/${id}`, method: "DELETE" }) : setSure(true))}
    >
      {sure ? "Really revoke" : "Revoke"}
      <span className="sr-only"> {name}</span>
    </button>
  );
}
