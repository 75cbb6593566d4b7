"use client";
import { type FormEvent, useState } from "react";
import { renderSVG } from "uqr";
import { Panel } from "@/components/ui/panel.tsx";
import { Problem } from "@/components/ui/sheet.tsx";
import type { AccountReply } from "@/lib/contract/read-people.ts";
import { TextField } from "./entrance.tsx";
import { usePeopleAct } from "./use-people.ts";

type Started = { readonly totpURI: string; readonly backupCodes: readonly string[] };

const textIn = (event: FormEvent<HTMLFormElement>, name: string): string => {
  event.preventDefault();
  return String(new FormData(event.currentTarget).get(name) ?? "");
};

/** A second factor for oneself: on with a password and a first code, off with a password. */
export function SecondFactorPanel({ account }: { readonly account: AccountReply }) {
  const start = usePeopleAct<Started>();
  const act = usePeopleAct();
  const [started, setStarted] = useState<Started | null>(null);
  const note = account.secondFactor ? "on: a code is asked for at each sign-in" : "off";
  const path = account.secondFactor ? "disable" : "enable";
  const withPassword = (event: FormEvent<HTMLFormElement>): void => {
    const body = { password: textIn(event, "password") };
    start.mutate(
      { path: `/api/auth/two-factor/${path}`, method: "POST", body },
      { onSuccess: (answer) => setStarted(account.secondFactor ? null : answer) },
    );
  };
  const withCode = (event: FormEvent<HTMLFormElement>): void => {
    const body = { code: textIn(event, "code").replaceAll(" ", "") };
    act.mutate({ path: "/api/auth/two-factor/verify-totp", method: "POST", body });
  };
  return (
    <Panel title="Second factor" note={note}>
      {started && !account.secondFactor ? (
        <Setup started={started} submit={withCode} error={act.error} />
      ) : null}
      {started && account.secondFactor ? <BackupCodes codes={started.backupCodes} /> : null}
      {started ? null : (
        <form onSubmit={withPassword} className="flex items-end gap-3" aria-label="Second factor">
          <TextField name="password" label="Your password" type="password" autoComplete="current-password" />
          <button type="submit" className="control h-8 shrink-0" disabled={start.isPending}>
            {account.secondFactor ? "Switch it off" : "Switch it on"}
          </button>
        </form>
      )}
      <Problem error={start.error} className="mt-2" />
    </Panel>
  );
}

type SetupProps = {
  readonly started: Started;
  readonly submit: (event: FormEvent<HTMLFormElement>) => void;
  readonly error: Error | null;
};

function Setup({ started, submit, error }: SetupProps) {
  const secret = new URL(started.totpURI).searchParams.get("secret") ?? "";
  const picture = `data:image/svg+xml;utf8,${encodeURIComponent(renderSVG(started.totpURI))}`;
  return (
    <div className="flex flex-wrap gap-4">
      {/* biome-ignore lint/performance/noImgElement: a picture made here, of nothing that could be loaded */}
      <img src={picture} alt="The secret below as a QR code" className="size-44 rounded-sm bg-white" />
      <form onSubmit={submit} className="max-w-96 space-y-3" aria-label="First code">
        <p>Scan it with an authenticator, or type its secret:</p>
        <p className="font-mono text-[12px] break-all">{secret}</p>
        <TextField name="code" label="Its code" type="text" autoComplete="one-time-code" />
        <button type="submit" className="control h-8">
          Switch it on
        </button>
        <Problem error={error} />
      </form>
    </div>
  );
}

function BackupCodes({ codes }: { readonly codes: readonly string[] }) {
  return (
    <div>
      <p>
        It is on. Each of these codes gets you in once without the authenticator. They are not shown again:
      </p>
      <ul className="mt-2 grid w-fit grid-cols-2 gap-x-6 font-mono text-[12px]">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </div>
  );
}
