"use client";
import { useState } from "react";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import { TableHead } from "@/components/ui/table-head.tsx";
import { Time } from "@/components/ui/zone.tsx";
import type { PeopleReply, PersonView } from "@/lib/contract/read-people.ts";
import { ROLES, type Role } from "@/lib/domain/roles.ts";
import { useVisitor } from "../visitor.tsx";
import { MadeLink } from "./made-link.tsx";
import { usePeopleAct } from "./use-people.ts";

type Made = { readonly url: string; readonly expiresMs: number };

/** People with a role in this tenant, or in all: what they may do, and how they come in. */
export function PeoplePanel({ data }: { readonly data: PeopleReply }) {
  const [made, setMade] = useState<(Made & { readonly email: string }) | null>(null);
  return (
    <Panel title="People" note={`${data.people.length} with a role in this tenant`}>
      {made ? (
        <MadeLink made={made} about={`A new password for ${made.email}`} close={() => setMade(null)} />
      ) : null}
      <section className="overflow-x-auto" tabIndex={0} aria-label="People of this tenant">
        <table className="w-full text-left">
          <TableHead
            names={["Person", "Role here", "By groups", "Everywhere", "Second factor", "Signed in"]}
          />
          <tbody>
            {data.people.map((one) => (
              <Row
                key={one.userId}
                one={one}
                everywhere={data.everywhere}
                made={(link) => setMade({ ...link, email: one.email })}
              />
            ))}
          </tbody>
        </table>
      </section>
    </Panel>
  );
}

type RowProps = {
  readonly one: PersonView;
  readonly everywhere: boolean;
  readonly made: (link: Made) => void;
};

function Row({ one, everywhere, made }: RowProps) {
  const { userId, name, email, role, groupRole, fleetRole, secondFactor, signedInMs, mine } = one;
  const own = useVisitor().actor === email;
  const act = usePeopleAct();
  const reset = usePeopleAct<Made>();
  const path = `/api/people/${userId}`;
  const choose = (next: Role | null, all: boolean): void =>
    act.mutate({ path, method: "PATCH", body: { role: next, everywhere: all } });
  return (
    <tr className="border-t border-rule align-top" data-person={email}>
      <th scope="row" className="py-1.5 pr-4 font-normal">
        <bdi className="font-medium">{name}</bdi> {own ? <span className="text-ink-3">(you)</span> : null}
        <div className="text-ink-2">
          <bdi>{email}</bdi>
        </div>
        <Problem error={act.error ?? reset.error} />
      </th>
      <td className="py-1 pr-4">
        <RoleChoice label={`Role of ${email} here`} value={role} choose={(next) => choose(next, false)} />
      </td>
      <td className="py-1.5 pr-4">{groupRole ?? "–"}</td>
      <td className="py-1 pr-4">
        {everywhere ? (
          <RoleChoice
            label={`Role of ${email} everywhere`}
            value={fleetRole}
            choose={(next) => choose(next, true)}
          />
        ) : (
          <span className="inline-block py-0.5">{fleetRole ?? "–"}</span>
        )}
      </td>
      <td className="py-1.5 pr-4">{secondFactor ? "on" : "off"}</td>
      <td className="py-1.5 pr-4 whitespace-nowrap">
        {signedInMs === null ? "–" : <Time ms={signedInMs} />}
      </td>
      <td className="py-1 text-right whitespace-nowrap">
        {own || !mine ? null : (
          <>
            <button
              type="button"
              className="control"
              disabled={reset.isPending}
              onClick={() =>
                reset.mutate({ path: `${path}/reset`, method: "POST", body: {} }, { onSuccess: made })
              }
            >
              New password<span className="sr-only"> for {email}</span>
            </button>{" "}
            <button
              type="button"
              className="control"
              disabled={act.isPending || signedInMs === null}
              onClick={() => act.mutate({ path: `${path}/sessions`, method: "DELETE" })}
            >
              Sign out<span className="sr-only"> {email}</span>
            </button>
          </>
        )}
      </td>
    </tr>
  );
}

type RoleChoiceProps = {
  readonly label: string;
  readonly value: Role | null;
  readonly choose: (role: Role | null) => void;
};

function RoleChoice({ label, value, choose }: RoleChoiceProps) {
  const roleOf = (text: string): Role | null => ROLES.find((role) => role === text) ?? null;
  return (
    <select
      className="control"
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => choose(roleOf(event.target.value))}
    >
      <option value="">none</option>
      {ROLES.map((role) => (
        <option key={role}>{role}</option>
      ))}
    </select>
  );
}
