"use client";
import { RetentionPanel } from "@/components/panels/retention/retention-panel.tsx";
import { useRetention } from "@/components/panels/retention/use-retention.ts";
import { useMay } from "@/components/panels/visitor.tsx";
import { ErrorState, NotAllowed, Placeholder } from "@/components/ui/states.tsx";

export function RetentionPage() {
  const may = useMay("admin");
  const { data, error, refetch } = useRetention(may);
  return (
    <div className="space-y-3 pt-3">
      <h1 className="px-4 text-xl font-semibold tracking-tight sm:px-0">Retention</h1>
      {!may ? (
        <NotAllowed what="How long data is kept" need="admin" />
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Placeholder height={240} />
      ) : (
        <RetentionPanel data={data} />
      )}
    </div>
  );
}
