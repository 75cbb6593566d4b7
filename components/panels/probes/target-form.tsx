"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { send } from "@/lib/client/send.ts";
import type { ProbeTargetView } from "@/lib/contract/probe.ts";
import { PROBE_LIMITS } from "@/lib/domain/probe.ts";
import { bodyOfForm, nodesText } from "./form-body.ts";

type TargetFormProps = {
  /** null: a new one. */
  readonly target: ProbeTargetView | null;
  readonly onClose: () => void;
  readonly onSaved: (id: string) => void;
};

/** Adds a target of the prober, or changes one. */
export function TargetForm({ target, onClose, onSaved }: TargetFormProps) {
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (body: object) =>
      target
        ? send<{ id: string }>(`/api/probes/${target.id}`, { method: "PUT", body })
        : send<{ id: string }>("/api/probes", { method: "POST", body }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ["probes"] });
      onSaved(id);
      onClose();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    save.mutate(bodyOfForm(new FormData(event.currentTarget), target?.paused ?? false));
  };
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => !open && onClose()}
      className="fixed inset-0 z-30 overflow-auto bg-black/40"
    >
      <Modal className="mx-auto my-[6vh] w-[min(38rem,94vw)] rounded-md border border-rule-strong bg-raised shadow-lg">
        <Dialog className="p-4 outline-none">
          <Heading slot="title" className="mb-3 text-[1.15rem] font-semibold">
            {target ? `Change the target ${target.endpoint}` : "Add a target"}
          </Heading>
          <form onSubmit={submit} className="grid grid-cols-2 gap-3">
            <Fields target={target} />
            {save.error ? (
              <p role="alert" className="col-span-2 text-bad">
                {save.error.message}
              </p>
            ) : null}
            <div className="col-span-2 flex justify-end gap-2">
              <button type="button" className="control" onClick={onClose}>
                Cancel
              </button>
              <button
                type="submit"
                className="control border-accent bg-accent text-on-accent hover:text-on-accent"
                disabled={save.isPending}
              >
                {target ? "Save" : "Add"}
              </button>
            </div>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Fields({ target }: { target: ProbeTargetView | null }) {
  const spec = target?.spec;
  const seconds = (ms: number): string => String(ms / 1_000);
  return (
    <>
      <Field name="endpoint" label="Endpoint, as telemetry calls it" value={target?.endpoint} required />
      <Field name="serverName" label="Server name (empty: the endpoint's)" value={spec?.serverName ?? ""} />
      <label className="col-span-2">
        <span className="label">
          Nodes, one a line: name host:port (each node's own address, not the balancer's)
        </span>
        <textarea
          name="nodes"
          rows={5}
          required
          className="field h-auto py-1 font-mono text-[12px]"
          placeholder={"edge-1 10.0.0.11:443\nedge-2 10.0.0.12:443"}
          defaultValue={spec ? nodesText(spec.nodes) : ""}
        />
      </label>
      <Field
        name="otherServerName"
        label="Second name, which must not resume"
        value={spec?.otherServerName ?? ""}
      />
      <Field name="alpn" label="ALPN, in order (h2, http/1.1)" value={spec?.alpn.join(", ") ?? ""} />
      <Amount
        name="interval"
        label="Every, seconds"
        value={seconds(spec?.intervalMs ?? PROBE_LIMITS.intervalMs.usual)}
      />
      <Amount
        name="timeout"
        label="Longest for one connection, seconds"
        value={seconds(spec?.timeoutMs ?? PROBE_LIMITS.timeoutMs.usual)}
      />
      <Amount
        name="handshakesPerMinute"
        label="Most handshakes a minute"
        value={String(spec?.handshakesPerMinute ?? PROBE_LIMITS.handshakesPerMinute.usual)}
      />
      <Amount
        name="pairsPerRound"
        label="Most pairs of nodes in a round"
        value={String(spec?.pairsPerRound ?? PROBE_LIMITS.pairsPerRound.usual)}
      />
      <fieldset className="col-span-2 flex flex-wrap gap-x-4">
        <legend className="label">Protocols</legend>
        {(["TLSv1.2", "TLSv1.3"] as const).map((protocol) => (
          <Check
            key={protocol}
            name={protocol}
            label={`${protocol.replace("TLSv", "TLS ")}`}
            on={spec?.protocols.includes(protocol) ?? true}
          />
        ))}
        <Check
          name="tryOldProtocols"
          label="see that TLS 1.0 and 1.1 are refused"
          on={spec?.tryOldProtocols ?? true}
        />
      </fieldset>
    </>
  );
}

type FieldProps = {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly required?: boolean;
};

function Field({ name, label, value = "", required = false }: FieldProps) {
  return (
    <label className="max-sm:col-span-2">
      <span className="label">{label}</span>
      <input name={name} className="field" maxLength={253} defaultValue={value} required={required} />
    </label>
  );
}

function Amount({ name, label, value }: FieldProps) {
  return (
    <label className="max-sm:col-span-2">
      <span className="label">{label}</span>
      <input name={name} className="field" type="number" min={0} step="any" required defaultValue={value} />
    </label>
  );
}

function Check({ name, label, on }: { name: string; label: string; on: boolean }) {
  return (
    <label className="inline-flex min-h-[26px] items-center gap-1.5">
      <input type="checkbox" name={name} defaultChecked={on} className="size-4 accent-accent" />
      {label}
    </label>
  );
}
