"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { send } from "@/lib/client/send.ts";
import { CHANGE_KINDS } from "@/lib/domain/vocabulary.ts";
import { useActor } from "./use-actor.ts";

const localNow = (): string =>
  new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 19);

/** Fields of the form as the wire contract wants them; empty ones are left out. */
function bodyOf(form: HTMLFormElement): Record<string, unknown> {
  const given = Object.fromEntries(
    [...new FormData(form)].flatMap(([name, value]) => (value === "" ? [] : [[name, value]])),
  );
  const time = (name: string) => (given[name] ? { [name]: Date.parse(String(given[name])) } : {});
  return { ...given, ...time("ts"), ...time("endTs") };
}

/** Records a change by hand. */
export function RecordChange({ onClose }: { onClose: () => void }) {
  const actor = useActor();
  const client = useQueryClient();
  const record = useMutation({
    mutationFn: (body: Record<string, unknown>) => send("/api/changes", { method: "POST", body }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["changes"] });
      onClose();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    record.mutate(bodyOf(event.currentTarget));
  };
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => !open && onClose()}
      className="fixed inset-0 z-30 overflow-auto bg-black/40"
    >
      <Modal className="mx-auto my-[8vh] w-[min(34rem,94vw)] rounded-md border border-rule-strong bg-raised shadow-lg">
        <Dialog className="p-4 outline-none">
          <Heading slot="title" className="mb-3 text-[1.15rem] font-semibold">
            Record a change
          </Heading>
          <form onSubmit={submit} className="grid grid-cols-2 gap-3">
            <label className="col-span-2">
              <span className="label">What was done</span>
              <input name="title" className="field" required maxLength={300} />
            </label>
            <label className="max-sm:col-span-2">
              <span className="label">Kind</span>
              <select name="kind" className="field" defaultValue="config">
                {CHANGE_KINDS.map((kind) => (
                  <option key={kind} value={kind}>
                    {kind.replaceAll("_", " ")}
                  </option>
                ))}
              </select>
            </label>
            <Field name="actor" label="By" value={actor} />
            <label className="max-sm:col-span-2">
              <span className="label">When</span>
              <input
                name="ts"
                type="datetime-local"
                step="1"
                className="field"
                required
                defaultValue={localNow()}
              />
            </label>
            <label className="max-sm:col-span-2">
              <span className="label">Until, if it took a while</span>
              <input name="endTs" type="datetime-local" step="1" className="field" />
            </label>
            <Field name="endpoint" label="Endpoint (empty: all)" />
            <Field name="node" label="Node (empty: all)" />
            <Field name="region" label="Region (empty: all)" />
            <Field name="ref" label="Ticket, commit or link" />
            <label className="col-span-2">
              <span className="label">Details</span>
              <textarea name="detail" rows={2} className="field h-auto py-1" />
            </label>
            {record.error ? (
              <p role="alert" className="col-span-2 text-bad">
                {record.error.message}
              </p>
            ) : null}
            <div className="col-span-2 flex justify-end gap-2">
              <button type="button" className="control" onClick={onClose}>
                Cancel
              </button>
              <button
                type="submit"
                className="control border-accent bg-accent text-on-accent hover:text-on-accent"
                disabled={record.isPending}
              >
                Record
              </button>
            </div>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Field({ name, label, value }: { name: string; label: string; value?: string }) {
  return (
    <label className="max-sm:col-span-2">
      <span className="label">{label}</span>
      <input name={name} className="field" maxLength={253} defaultValue={value} />
    </label>
  );
}
