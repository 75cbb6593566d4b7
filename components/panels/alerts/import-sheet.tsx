"use client";
import { useState } from "react";
import { PRIMARY, Problem, Sheet } from "@/components/ui/sheet.tsx";
import { useActor } from "../use-actor.ts";
import { useAlertWrite } from "./use-alert-write.ts";

/** Takes a rules file: by pasting it, or from disk. Nothing is kept unless all of it can be. */
export function ImportSheet({ close }: { close: () => void }) {
  const [yaml, setYaml] = useState("");
  const actor = useActor();
  const write = useAlertWrite();
  return (
    <Sheet title="Import rules, receivers and routes" wide close={close}>
      <div className="space-y-2">
        <p className="text-ink-2">
          YAML as Export writes it. Rules and receivers of the same id or name are replaced; nothing is
          deleted.
        </p>
        <input
          type="file"
          accept=".yaml,.yml"
          aria-label="File"
          onChange={(event) => void event.target.files?.[0]?.text().then(setYaml)}
        />
        <label className="block">
          <span className="label">Text</span>
          <textarea
            rows={16}
            spellCheck={false}
            className="field h-auto py-1 font-mono text-[12px]"
            value={yaml}
            onChange={(event) => setYaml(event.target.value)}
          />
        </label>
        <Problem error={write.error} />
        <div className="flex justify-end gap-2">
          <button type="button" className="control" onClick={close}>
            Cancel
          </button>
          <button
            type="button"
            className={PRIMARY}
            disabled={write.isPending || yaml.trim() === ""}
            onClick={() =>
              write.mutate(
                { path: "import", method: "POST", body: { yaml, actor: actor.trim() || null } },
                { onSuccess: close },
              )
            }
          >
            Import
          </button>
        </div>
      </div>
    </Sheet>
  );
}
