"use client";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { PRIMARY, Problem } from "@/components/ui/sheet.tsx";
import { send } from "@/lib/client/send.ts";
import { Entrance, TextField } from "./entrance.tsx";

type Props = {
  /** What the identity provider is called; null where there is none. */
  readonly provider: string | null;
};

const field = (form: FormData, name: string): string => String(form.get(name) ?? "").trim();

/** Asks who somebody is, in place of the page that they asked for: it comes when they are known. */
export function SignIn({ provider }: Props) {
  const [second, setSecond] = useState(false);
  return (
    <Entrance title="Sign in">
      {second ? <SecondFactor /> : <FirstFactor provider={provider} goOn={() => setSecond(true)} />}
    </Entrance>
  );
}

function FirstFactor({ provider, goOn }: Props & { readonly goOn: () => void }) {
  const enter = useMutation({
    mutationFn: (body: { email: string; password: string }) =>
      send<{ twoFactorRedirect?: boolean }>("/api/auth/sign-in/email", { method: "POST", body }),
    onSuccess: ({ twoFactorRedirect }) => (twoFactorRedirect ? goOn() : window.location.reload()),
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    enter.mutate({ email: field(form, "email"), password: String(form.get("password") ?? "") });
  };
  return (
    <>
      <form onSubmit={submit} className="space-y-3">
        <TextField name="email" label="E-mail address" type="email" autoComplete="username" />
        <TextField name="password" label="Password" type="password" autoComplete="current-password" />
        <Problem error={enter.error} />
        <button type="submit" className={`${PRIMARY} h-8 w-full justify-center`} disabled={enter.isPending}>
          {enter.isPending ? "Signing in …" : "Sign in"}
        </button>
      </form>
      {provider === null ? null : <ByProvider name={provider} />}
    </>
  );
}

function ByProvider({ name }: { readonly name: string }) {
  const go = useMutation({
    mutationFn: () => {
      const { pathname, search } = window.location;
      const body = { provider: "sso", callbackURL: `${pathname}${search}`, errorCallbackURL: "/" };
      return send<{ url: string }>("/api/auth/sign-in/social", { method: "POST", body });
    },
    onSuccess: ({ url }) => window.location.assign(url),
  });
  return (
    <div className="mt-3 space-y-2 border-t border-rule pt-3">
      <button
        type="button"
        className="control h-8 w-full justify-center"
        disabled={go.isPending}
        onClick={() => go.mutate()}
      >
        Sign in with {name}
      </button>
      <Problem error={go.error} />
    </div>
  );
}

/** Six digits of an authenticator, or one of the codes that were written down. */
function SecondFactor() {
  const enter = useMutation({
    mutationFn: (code: string) => {
      const kind = /^\d{6}$/.test(code) ? "verify-totp" : "verify-backup-code";
      return send(`/api/auth/two-factor/${kind}`, { method: "POST", body: { code } });
    },
    onSuccess: () => window.location.reload(),
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    enter.mutate(field(new FormData(event.currentTarget), "code").replaceAll(" ", ""));
  };
  return (
    <form onSubmit={submit} className="space-y-3">
      <TextField
        name="code"
        label="Code of your authenticator, or a backup code"
        type="text"
        autoComplete="one-time-code"
      />
      <Problem error={enter.error} />
      <button type="submit" className={`${PRIMARY} h-8 w-full justify-center`} disabled={enter.isPending}>
        Go on
      </button>
    </form>
  );
}
