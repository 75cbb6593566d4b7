"use client";
import { LinksPanel } from "@/components/panels/people/links-panel.tsx";
import { PeoplePanel } from "@/components/panels/people/people-panel.tsx";
import { usePeople } from "@/components/panels/people/use-people.ts";
import { useMay } from "@/components/panels/visitor.tsx";
import { EmptyState, ErrorState, NotAllowed, Placeholder } from "@/components/ui/states.tsx";

export function PeoplePage() {
  const may = useMay("admin");
  const { data, error, refetch } = usePeople(may);
  return (
    <div className="space-y-3 pt-3">
      <h1 className="px-4 text-xl font-semibold tracking-tight sm:px-0">People</h1>
      {!may ? (
        <NotAllowed what="Who may use the console" need="admin" />
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Placeholder height={240} />
      ) : !data.signIn ? (
        <EmptyState title="Sign-in is off">
          Whoever reaches this console administers it. Start it without REPRISE_AUTH=off, and open the link
          that it prints.
        </EmptyState>
      ) : (
        <>
          <PeoplePanel data={data} />
          <LinksPanel data={data} />
        </>
      )}
    </div>
  );
}
