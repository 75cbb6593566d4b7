"use client";
import { NewTokenPanel } from "@/components/panels/tokens/new-token-panel.tsx";
import { TokensPanel } from "@/components/panels/tokens/tokens-panel.tsx";
import { useTokens } from "@/components/panels/tokens/use-tokens.ts";
import { useMay } from "@/components/panels/visitor.tsx";
import { ErrorState, NotAllowed, Placeholder } from "@/components/ui/states.tsx";

export function TokensPage() {
  const may = useMay("admin");
  const { data, error, refetch } = useTokens(may);
  return (
    <div className="space-y-3 pt-3">
      <h1 className="px-4 text-xl font-semibold tracking-tight sm:px-0">Tokens</h1>
      {!may ? (
        <NotAllowed what="Who may send and ask by tokens" need="admin" />
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Placeholder height={240} />
      ) : (
        <>
          <NewTokenPanel />
          <TokensPanel data={data} />
        </>
      )}
    </div>
  );
}
