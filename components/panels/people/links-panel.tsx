"use client";
import { type FormEvent, useState } from "react";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import { EmptyState } from "@/components/ui/states.tsx";
import { TableHead } from "@/components/ui/table-head.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { LinkView, PeopleReply } from "@/lib/contract/read-people.ts";
import { ROLES } from "@/lib/domain/roles.ts";
import { MadeLink } from "./made-link.tsx";
import { usePeopleAct } from "./use-people.ts";

type Made = { readonly url: string; readonly expiresMs: number };

/** Invites people, and shows which links nobody has used yet. */
export function LinksPanel({ data: { links, everywhere } }: { readonly data: PeopleReply }) {
  const [made, setMade] = useState<Made | null>(null);
  return (
    <Panel title="Invitations" note="a link each, which works once">
      <Invite everywhere={everywhere} made={setMade} />
      {made ? <MadeLink made={made} about="An invitation" close={() => setMade(null)} /> : null}
      {links.length === 0 ? (
        <EmptyState title="No link waits for anybody" />
      ) : (
        <section className="overflow-x-auto" tabIndex={0} aria-label="Links that nobody has used">
          <table className="w-full text-left">
            <TableHead names={["For", "Role", "Where", "Made", "By", "Ends"]} />
            <tbody>
              {links.map((link) => (
                <Row key={link.id} link={link} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Panel>
  );
}

const PURPOSES: Readonly<Record<LinkView["purpose"], string>> = {
  first: "the first administrator",
  invite: "somebody new",
  reset: "a new password",
};

function Row({
  link: { id, purpose, role, everywhere, createdMs, createdBy, expiresMs },
}: {
  link: LinkView;
}) {
  const act = usePeopleAct();
  return (
    <tr className="border-t border-rule align-top">
      <th scope="row" className="py-1.5 pr-4 font-normal">
        {PURPOSES[purpose]}
        <Problem error={act.error} />
      </th>
      <td className="py-1.5 pr-4">{role ?? "–"}</td>
      <td className="py-1.5 pr-4">{everywhere ? "every tenant" : "this tenant"}</td>
      <td className="py-1.5 pr-4 whitespace-nowrap">
        <Time ms={createdMs} />
      </td>
      <td className="py-1.5 pr-4">
        <bdi>{createdBy ?? "the host"}</bdi>
      </td>
      <td className="py-1.5 pr-4 whitespace-nowrap">
        <Time ms={expiresMs} />
      </td>
      <td className="py-1 text-right">
        <button
          type="button"
          className="control"
          disabled={act.isPending}
          onClick={() => act.mutate({ path: `/api/people/links/${id}`, method: "DELETE" })}
        >
          End<span className="sr-only"> this link for {PURPOSES[purpose]}</span>
        </button>
      </td>
    </tr>
  );
}

type InviteProps = { readonly everywhere: boolean; readonly made: (link: Made) => void };

function Invite({ everywhere, made }: InviteProps) {
  const invite = usePeopleAct<Made>();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { role: form.get("role"), everywhere: form.get("where") === "everywhere" };
    invite.mutate({ path: "/api/people/links", method: "POST", body }, { onSuccess: made });
  };
  return (
    <form onSubmit={submit} className="mb-3 flex flex-wrap items-end gap-3" aria-label="Invite somebody">
      <label>
        <span className="label">As</span>
        <select name="role" className="field" defaultValue="viewer">
          {ROLES.map((role) => (
            <option key={role}>{role}</option>
          ))}
        </select>
      </label>
      {everywhere ? (
        <label>
          <span className="label">Where</span>
          <select name="where" className="field">
            <option value="here">in this tenant</option>
            <option value="everywhere">in every tenant</option>
          </select>
        </label>
      ) : null}
      <button type="submit" className="control h-8" disabled={invite.isPending}>
        Make an invitation
      </button>
      <Problem error={invite.error} />
    </form>
  );
}
