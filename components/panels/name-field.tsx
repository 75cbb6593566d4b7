"use client";
import { keepActor, useActor } from "./use-actor.ts";
import { useVisitor } from "./visitor.tsx";

/** Where people say who they are; nothing where that is known. */
export function NameField({ className = "" }: { className?: string }) {
  const actor = useActor();
  if (useVisitor().actor !== null) return null;
  return (
    <label className={`block ${className}`}>
      <span className="label">Your name</span>
      <input
        className="field"
        maxLength={253}
        autoComplete="name"
        value={actor}
        onChange={(event) => keepActor(event.target.value)}
      />
    </label>
  );
}
