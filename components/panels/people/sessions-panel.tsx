"use client";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import { TableHead } from "@/components/ui/table-head.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { AccountReply } from "@/lib/contract/read-people.ts";
import { usePeopleAct } from "./use-people.ts";

/** Where somebody is signed in, each with a way to end it. */
export function SessionsPanel({ account: { sessions } }: { readonly account: AccountReply }) {
  const act = usePeopleAct();
  return (
    <Panel title="Sessions" note={`${sessions.length} of yours`}>
      <section className="overflow-x-auto" tabIndex={0} aria-label="Sessions">
        <table className="w-full text-left">
          <TableHead names={["Signed in", "From", "With", "Ends"]} />
          <tbody>
            {sessions.map(({ id, createdMs, address, browser, expiresMs, current }) => (
              <tr key={id} className="border-t border-rule align-top">
                <th scope="row" className="py-1.5 pr-4 font-normal whitespace-nowrap">
                  <Time ms={createdMs} />
                  {current ? <span className="ml-2 text-good">this one</span> : null}
                </th>
                <td className="py-1.5 pr-4">{address ?? "not known"}</td>
                <td className="max-w-96 py-1.5 pr-4 break-words text-ink-2">
                  <bdi>{browser ?? "not known"}</bdi>
                </td>
                <td className="py-1.5 pr-4 whitespace-nowrap">
                  <Time ms={expiresMs} />
                </td>
                <td className="py-1 text-right">
                  {current ? null : (
                    <button
                      type="button"
                      className="control"
                      disabled={act.isPending}
                      onClick={() => act.mutate({ path: `/api/account/sessions/${id}`, method: "DELETE" })}
                    >
                      End<span className="sr-only"> the session from {address ?? "somewhere"}</span>
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Problem error={act.error} />
    </Panel>
  );
}
