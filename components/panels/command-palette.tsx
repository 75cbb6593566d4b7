"use client";
import { useRouter } from "next/navigation";
import {
  Autocomplete,
  Dialog,
  Input,
  Menu,
  MenuItem,
  Modal,
  ModalOverlay,
  SearchField,
  useFilter,
} from "react-aria-components";
import { RANGE_NAMES } from "@/lib/client/view.ts";
import { suffices } from "@/lib/domain/roles.ts";
import { nameOf } from "../ui/format.ts";
import { PAGES, SUB_PAGES } from "./pages.ts";
import { toggleTheme } from "./theme-switch.tsx";
import { useRequest } from "./use-request.ts";
import { useVisitor } from "./visitor.tsx";

type Command = {
  readonly id: string;
  readonly group: string;
  readonly text: string;
  readonly run: () => void;
};

/** Pages, endpoints, incidents, changes, ranges and actions, by typing a part of their name. */
export function CommandPalette({ onClose }: { onClose: () => void }) {
  const { contains } = useFilter({ sensitivity: "base" });
  const commands = useCommands();
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => !open && onClose()}
      className="fixed inset-0 z-30 bg-black/40"
    >
      <Modal className="mx-auto mt-[12vh] w-[min(36rem,92vw)] rounded-md border border-rule-strong bg-raised shadow-lg">
        <Dialog aria-label="Go to anything" className="outline-none">
          <Autocomplete filter={contains}>
            <SearchField
              aria-label="Page, endpoint, incident, change or action"
              autoFocus
              className="border-b border-rule"
            >
              <Input
                placeholder="Page, endpoint, incident, change or action"
                className="h-11 w-full bg-transparent px-4 outline-none"
              />
            </SearchField>
            <Menu
              items={commands}
              className="max-h-80 overflow-auto p-1.5"
              renderEmptyState={() => <p className="p-3 text-ink-2">Nothing has this name.</p>}
              onAction={(id) => {
                onClose();
                commands.find((command) => command.id === id)?.run();
              }}
            >
              {(command: Command) => (
                <MenuItem
                  id={command.id}
                  textValue={`${command.text} ${command.group}`}
                  className="flex cursor-pointer items-center gap-3 rounded-sm px-2.5 py-1.5 outline-none data-[focused]:bg-accent-soft"
                >
                  <span className="truncate">{command.text}</span>
                  <span className="ml-auto text-ink-3">{command.group}</span>
                </MenuItem>
              )}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function useCommands(): Command[] {
  const router = useRouter();
  const { role } = useVisitor().at;
  const segments = useRequest("segments", { from: "now-7d", to: "now", limit: "1" });
  const changes = useRequest("changes", { from: "now-30d", to: "now", limit: "50" });
  const incidents = useRequest("incidents", { from: "now-30d", to: "now", limit: "50" });
  const go = (href: string) => () => router.push(href);
  const withRange = (range: string) => () => {
    const url = new URL(window.location.href);
    for (const name of ["from", "to"]) url.searchParams.delete(name);
    url.searchParams.set("range", range);
    router.push(`${url.pathname}${url.search}`);
  };
  return [
    ...[...PAGES, ...SUB_PAGES]
      .filter(({ need }) => need === undefined || suffices(role, need))
      .map(({ href, label }) => ({ id: `page-${href}`, group: "Page", text: label, run: go(href) })),
    ...(suffices(role, "operator")
      ? [{ id: "record", group: "Action", text: "Record a change", run: go("/changes?record=true") }]
      : []),
    { id: "theme", group: "Action", text: "Change between light and dark", run: toggleTheme },
    ...RANGE_NAMES.map((range) => ({
      id: `range-${range}`,
      group: "Time range",
      text: `Last ${range}`,
      run: withRange(range),
    })),
    ...(segments.data?.values.endpoint ?? []).map(({ value }) => ({
      id: `endpoint-${value}`,
      group: "Endpoint",
      text: nameOf(value),
      run: go(`/endpoints/${encodeURIComponent(value ?? "(unknown)")}`),
    })),
    ...(incidents.data?.incidents ?? []).map((incident) => ({
      id: `incident-${incident.id}`,
      group: "Incident",
      text: incident.headline,
      run: go(`/incidents/${encodeURIComponent(incident.id)}`),
    })),
    ...(changes.data?.changes ?? []).map((change) => ({
      id: `change-${change.id}`,
      group: "Change",
      text: change.title,
      run: go(`/changes/${encodeURIComponent(change.id)}`),
    })),
  ];
}
