import type { ReactNode } from "react";
import { Mark } from "../mark.tsx";

/** A page before the console: its name and one thing to do. */
export function Entrance({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-[min(24rem,92vw)] flex-col justify-center gap-4 py-8">
      <p className="flex items-center gap-2 font-semibold tracking-tight">
        <Mark />
        Reprise
      </p>
      <section className="rounded-md border border-rule bg-raised p-4">
        <h1 className="mb-3 text-[1.15rem] font-semibold">{title}</h1>
        {children}
      </section>
      <p className="text-ink-3">Locked out? On the host: npx reprise user --help</p>
    </main>
  );
}

type FieldProps = {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "email" | "password";
  readonly autoComplete: string;
  readonly minLength?: number;
};

/** A field that has to be filled in. */
export function TextField({ label, ...input }: FieldProps) {
  return (
    <label className="block">
      <span className="label">{label}</span>
      <input {...input} className="field" required maxLength={256} />
    </label>
  );
}
