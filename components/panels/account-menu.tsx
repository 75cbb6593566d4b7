"use client";
import { useMutation } from "@tanstack/react-query";
import { Button, Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover } from "react-aria-components";
import { send } from "@/lib/client/send.ts";
import { useVisitor } from "./visitor.tsx";

const ITEM =
  "flex cursor-pointer items-center gap-3 rounded-sm px-2.5 py-1.5 outline-none data-[focused]:bg-accent-soft data-[selected]:font-medium";

/** Who is signed in, in which tenant and as what; and the way to the other tenants. */
export function AccountMenu() {
  const { actor, at, tenants } = useVisitor();
  const goOver = useMutation({
    mutationFn: (tenant: string) => send("/api/visitor/tenant", { method: "POST", body: { tenant } }),
    // Everything on the page is of the other tenant: it begins anew, and at the start.
    onSuccess: () => window.location.assign("/"),
  });
  if (actor === null && tenants.length === 1) return null;
  return (
    <MenuTrigger>
      <Button className="control max-w-48" aria-label={`${actor ?? "Nobody"} in ${at.name}, ${at.role}`}>
        <bdi className="truncate">{tenants.length > 1 ? at.name : (actor ?? at.name)}</bdi>
      </Button>
      <Popover
        className="min-w-56 rounded-md border border-rule-strong bg-raised p-1 shadow-lg"
        placement="bottom end"
      >
        <p className="px-2.5 py-1.5 text-ink-3">
          <bdi className="font-medium text-ink">{actor ?? "Sign-in is off"}</bdi>, {at.role} of{" "}
          <bdi>{at.name}</bdi>
        </p>
        <Menu
          selectionMode="single"
          selectedKeys={[at.name]}
          onAction={(tenant) => goOver.mutate(String(tenant))}
          className="outline-none"
          aria-label="Account"
        >
          {tenants.length > 1 ? (
            <MenuSection>
              <Header className="label px-2.5 pt-1.5">Tenants</Header>
              {tenants.map(({ name, role }) => (
                <MenuItem key={name} id={name} textValue={name} className={ITEM}>
                  <bdi className="truncate">{name}</bdi>
                  <span className="ml-auto text-ink-3">{role}</span>
                </MenuItem>
              ))}
            </MenuSection>
          ) : null}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
