"use client";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { Button, Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover } from "react-aria-components";
import { send } from "@/lib/client/send.ts";
import { useVisitor } from "./visitor.tsx";

const ITEM =
  "flex cursor-pointer items-center gap-3 rounded-sm px-2.5 py-1.5 outline-none data-[focused]:bg-accent-soft data-[selected]:font-medium";

/** Who is signed in, in which tenant and as what; the way to other tenants, to one's account, and out. */
export function AccountMenu() {
  const { kind, actor, at, tenants } = useVisitor();
  const router = useRouter();
  const goOver = useMutation({
    mutationFn: (tenant: string) => send("/api/visitor/tenant", { method: "POST", body: { tenant } }),
    // Everything on the page is of the other tenant: it begins anew, and at the start.
    onSuccess: () => window.location.assign("/"),
  });
  const signOut = useMutation({
    mutationFn: () => send("/api/auth/sign-out", { method: "POST", body: {} }),
    onSuccess: () => window.location.assign("/"),
  });
  if (kind !== "person" && tenants.length === 1) return null;
  const who = actor ?? "Sign-in is off";
  return (
    <MenuTrigger>
      <Button className="control max-w-40" aria-label={`${who}: ${at.role} of ${at.name}`}>
        <bdi className="truncate">{tenants.length > 1 ? at.name : who}</bdi>
      </Button>
      <Popover
        className="max-w-[92vw] min-w-56 rounded-md border border-rule-strong bg-raised p-1 shadow-lg"
        placement="bottom end"
      >
        <p className="px-2.5 py-1.5 text-ink-2">
          <bdi className="font-medium text-ink">{who}</bdi>
          <br />
          {at.role} of <bdi>{at.name}</bdi>
        </p>
        <Menu aria-label="Account" className="outline-none">
          {tenants.length > 1 ? (
            <MenuSection selectionMode="single" selectedKeys={[at.name]}>
              <Header className="label px-2.5 pt-1.5">Tenants</Header>
              {tenants.map(({ name, role }) => (
                <MenuItem
                  key={name}
                  id={name}
                  textValue={name}
                  className={ITEM}
                  onAction={() => goOver.mutate(name)}
                >
                  <bdi className="truncate">{name}</bdi>
                  <span className="ml-auto text-ink-3">{role}</span>
                </MenuItem>
              ))}
            </MenuSection>
          ) : null}
          {kind === "person" ? (
            <MenuSection className="border-t border-rule" aria-label="You">
              <MenuItem id="/account" className={ITEM} onAction={() => router.push("/account")}>
                Account
              </MenuItem>
              <MenuItem id="/sign-out" className={ITEM} onAction={() => signOut.mutate()}>
                Sign out
              </MenuItem>
            </MenuSection>
          ) : null}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
