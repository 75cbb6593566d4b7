"use client";
import { createContext, type ReactNode, useContext } from "react";
import type { VisitorReply } from "@/lib/contract/read-visitor.ts";
import { type Role, suffices } from "@/lib/domain/roles.ts";
import { TENANT_PARAM } from "@/lib/domain/tenant-param.ts";

const VisitorContext = createContext<VisitorReply | null>(null);

/** Tells everything below who looks at it, and requests from this page for which tenant. */
export function VisitorProvider({ visitor, children }: { visitor: VisitorReply; children: ReactNode }) {
  return (
    <VisitorContext value={visitor}>
      <meta name="reprise-tenant" content={visitor.at.name} />
      {children}
    </VisitorContext>
  );
}

/** Who looks at the page. */
export function useVisitor(): VisitorReply {
  const visitor = useContext(VisitorContext);
  if (!visitor) throw new Error("A page of the console stands in a VisitorProvider.");
  return visitor;
}

/** Whether who looks at the page may do what needs this role. The server decides; this only spares people a refusal. */
export function useMay(need: Role): boolean {
  return suffices(useVisitor().at.role, need);
}

/** The address of a download: it names the tenant of this page, as a link cannot do by a header. */
export function useDownload(path: string, params: Readonly<Record<string, string>> = {}): string {
  const { at } = useVisitor();
  return `${path}?${new URLSearchParams({ ...params, [TENANT_PARAM]: at.name })}`;
}

/** What only some may do: shown to them. */
export function Gate({ need, children }: { need: Role; children: ReactNode }) {
  return useMay(need) ? children : null;
}
