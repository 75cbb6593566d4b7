"use client";
import { useQueryStates } from "nuqs";
import { AuditPanel } from "@/components/panels/audit/audit-panel.tsx";
import { Choice, SpanChoice } from "@/components/panels/choice.tsx";
import { useRequest } from "@/components/panels/use-request.ts";
import { useDownload, useMay, useVisitor } from "@/components/panels/visitor.tsx";
import { NotAllowed } from "@/components/ui/states.tsx";
import { AUDIT_GROUPS } from "@/lib/domain/audit-words.ts";
import { type AuditView, auditParsers, auditRequest, SPAN_NAMES } from "./search-params.ts";

const CLEAR = { action: null, actor: null, targetKind: null, targetId: null, before: null };

export function AuditPage() {
  const [view, setView] = useQueryStates(auditParsers, { history: "push", shallow: true, scroll: false });
  const request = auditRequest(view);
  const may = useMay("admin");
  const answer = useRequest("audit", request, { enabled: may });
  const narrow = (next: Partial<AuditView>): void => void setView({ before: null, ...next });
  return (
    <div className="space-y-3 pt-3">
      <h1 className="px-4 text-xl font-semibold tracking-tight sm:px-0">Audit</h1>
      {may ? (
        <AuditPanel
          answer={answer}
          since={view.since}
          filters={{ actor: view.actor, targetKind: view.targetKind, targetId: view.targetId }}
          narrowed={Object.keys(CLEAR).some((name) => view[name as keyof typeof CLEAR] !== null)}
          narrow={narrow}
          clear={() => void setView(CLEAR)}
          older={(before) => void setView({ before })}
          tools={<Tools view={view} set={narrow} request={request} />}
        />
      ) : (
        <NotAllowed what="The audit log" need="admin" />
      )}
    </div>
  );
}

type ToolsProps = {
  readonly view: AuditView;
  readonly set: (next: Partial<AuditView>) => void;
  readonly request: Record<string, string>;
};

function Tools({ view, set, request }: ToolsProps) {
  const { at, fleetRole } = useVisitor();
  const csv = useDownload("/api/audit", { ...request, limit: "2000", format: "csv" });
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {fleetRole === "admin" ? (
        <Choice
          label="Whose log"
          value={view.of}
          choices={{ tenant: `Of ${at.name}`, installation: "Of the installation" }}
          choose={(of) => set({ ...CLEAR, of: of as AuditView["of"] })}
        />
      ) : null}
      <Choice
        label="What was done"
        value={view.action ?? ""}
        choices={{ "": "Everything", ...AUDIT_GROUPS }}
        choose={(action) => set({ action: action || null })}
      />
      <SpanChoice
        label="Done within the last"
        names={SPAN_NAMES}
        value={view.since}
        choose={(since) => set({ since })}
      />
      <a href={csv} download className="control">
        CSV
      </a>
    </div>
  );
}
