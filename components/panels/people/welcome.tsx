"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type FormEvent, useSyncExternalStore } from "react";
import { PRIMARY, Problem } from "@/components/ui/sheet.tsx";
import { Time } from "@/components/ui/zone.tsx";
import { send } from "@/lib/client/send.ts";
import type { LinkReply } from "@/lib/contract/read-people.ts";
import { Entrance, TextField } from "./entrance.tsx";

const never = (): (() => void) => () => undefined;

/** What a one-time link is for: to make the first administrator, to join, or to set a new password. Its secret is the fragment. */
export function Welcome() {
  const secret = useSyncExternalStore(
    never,
    () => window.location.hash.slice(1),
    () => null,
  );
  const link = useQuery({
    queryKey: ["link", secret],
    queryFn: () => send<LinkReply>("/api/links", { method: "POST", body: { secret } }),
    enabled: secret !== null,
    retry: false,
  });
  if (!link.data && !link.error) return <Entrance title="One moment …">Looking at the link.</Entrance>;
  if (!link.data || secret === null)
    return (
      <Entrance title="This link does not work">
        <p>{link.error?.message}</p>
        <p className="mt-2 text-ink-2">
          Links work once, for 24 hours. Ask an administrator for a new one, or <Link href="/">sign in</Link>.
        </p>
      </Entrance>
    );
  return link.data.purpose === "reset" ? (
    <Renew secret={secret} expiresMs={link.data.expiresMs} />
  ) : (
    <Join secret={secret} link={link.data} />
  );
}

const NEW_PASSWORD = {
  name: "password",
  label: "Password, 12 characters or more",
  type: "password",
  autoComplete: "new-password",
  minLength: 12,
} as const;

function Join({ secret, link }: { readonly secret: string; readonly link: LinkReply }) {
  const join = useMutation({
    mutationFn: async (given: { name: string; email: string; password: string }) => {
      await send("/api/links/join", { method: "POST", body: { secret, ...given } });
      const { email, password } = given;
      await send("/api/auth/sign-in/email", { method: "POST", body: { email, password } });
    },
    onSuccess: () => window.location.assign("/"),
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? "");
    join.mutate({ name: text("name"), email: text("email").trim(), password: text("password") });
  };
  return (
    <Entrance title={link.purpose === "first" ? "The first administrator" : "Join"}>
      <form onSubmit={submit} className="space-y-3">
        <p className="text-ink-2">
          You will be {link.role} of {link.tenant ?? "every tenant"}. The link works until{" "}
          <Time ms={link.expiresMs} />.
        </p>
        <TextField name="name" label="Your name" type="text" autoComplete="name" />
        <TextField name="email" label="E-mail address" type="email" autoComplete="username" />
        <TextField {...NEW_PASSWORD} />
        <Problem error={join.error} />
        <button type="submit" className={`${PRIMARY} h-8 w-full justify-center`} disabled={join.isPending}>
          {join.isPending ? "One moment …" : "Go in"}
        </button>
      </form>
      {link.purpose === "invite" ? <Accept secret={secret} /> : null}
    </Entrance>
  );
}

/** For who is signed in here already. */
function Accept({ secret }: { readonly secret: string }) {
  const accept = useMutation({
    mutationFn: () => send("/api/account/link", { method: "POST", body: { secret } }),
    onSuccess: () => window.location.assign("/"),
  });
  return (
    <div className="mt-3 space-y-2 border-t border-rule pt-3">
      <button
        type="button"
        className="control h-8 w-full justify-center"
        disabled={accept.isPending}
        onClick={() => accept.mutate()}
      >
        I have an account and am signed in
      </button>
      <Problem error={accept.error} />
    </div>
  );
}

function Renew({ secret, expiresMs }: { readonly secret: string; readonly expiresMs: number }) {
  const renew = useMutation({
    mutationFn: (password: string) =>
      send("/api/links/renew", { method: "POST", body: { secret, password } }),
    onSuccess: () => window.location.assign("/"),
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    renew.mutate(String(new FormData(event.currentTarget).get("password") ?? ""));
  };
  return (
    <Entrance title="A new password">
      <form onSubmit={submit} className="space-y-3">
        <p className="text-ink-2">
          Every session of yours ends with it. The link works until <Time ms={expiresMs} />.
        </p>
        <TextField {...NEW_PASSWORD} />
        <Problem error={renew.error} />
        <button type="submit" className={`${PRIMARY} h-8 w-full justify-center`} disabled={renew.isPending}>
          Set it
        </button>
      </form>
    </Entrance>
  );
}
