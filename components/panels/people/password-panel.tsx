"use client";
import { type FormEvent, useState } from "react";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import { TextField } from "./entrance.tsx";
import { usePeopleAct } from "./use-people.ts";

/** A new password for oneself; sessions elsewhere end with it. */
export function PasswordPanel() {
  const act = usePeopleAct();
  const [done, setDone] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const body = {
      currentPassword: String(given.get("current") ?? ""),
      newPassword: String(given.get("next") ?? ""),
      revokeOtherSessions: true,
    };
    act.mutate(
      { path: "/api/auth/change-password", method: "POST", body },
      {
        onSuccess: () => {
          form.reset();
          setDone(true);
        },
      },
    );
  };
  return (
    <Panel title="Password" note="sessions elsewhere end with it">
      <form
        onSubmit={submit}
        className="grid gap-3 sm:grid-cols-[1fr_1fr_auto] sm:items-end"
        aria-label="Password"
      >
        <TextField name="current" label="Password of today" type="password" autoComplete="current-password" />
        <TextField
          name="next"
          label="New one, 12 characters or more"
          type="password"
          autoComplete="new-password"
          minLength={12}
        />
        <button type="submit" className="control h-8 justify-self-start" disabled={act.isPending}>
          Change it
        </button>
      </form>
      {done && !act.error ? (
        <p role="status" className="mt-2 text-good">
          The password is changed.
        </p>
      ) : null}
      <Problem error={act.error} className="mt-2" />
    </Panel>
  );
}
