"use client";
import { PasswordPanel } from "@/components/panels/people/password-panel.tsx";
import { SecondFactorPanel } from "@/components/panels/people/second-factor-panel.tsx";
import { SessionsPanel } from "@/components/panels/people/sessions-panel.tsx";
import { useAccount } from "@/components/panels/people/use-people.ts";
import { useVisitor } from "@/components/panels/visitor.tsx";
import { EmptyState, ErrorState, Placeholder } from "@/components/ui/states.tsx";

export function AccountPage() {
  return (
    <div className="space-y-3 pt-3">
      <h1 className="px-4 text-xl font-semibold tracking-tight sm:px-0">Account</h1>
      {useVisitor().kind === "person" ? (
        <Own />
      ) : (
        <EmptyState title="Sign-in is off">Nobody has an account here (REPRISE_AUTH).</EmptyState>
      )}
    </div>
  );
}

function Own() {
  const { data, error, refetch } = useAccount();
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Placeholder height={320} />;
  return (
    <>
      <p className="px-4 sm:px-0">
        <bdi className="font-medium">{data.name}</bdi> <bdi className="text-ink-2">{data.email}</bdi>
      </p>
      <SessionsPanel account={data} />
      <PasswordPanel />
      <SecondFactorPanel account={data} />
    </>
  );
}
