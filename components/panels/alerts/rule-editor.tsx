"use client";
import { type FormEvent, useState } from "react";
import { PRIMARY, Problem, Sheet } from "@/components/ui/sheet.tsx";
import type { RuleView } from "@/lib/contract/read-alerts.ts";
import { conditionText, scopeText } from "@/lib/domain/alert-words.ts";
import { useActor } from "../use-actor.ts";
import { useMay } from "../visitor.tsx";
import { PreviewPanel } from "./preview-panel.tsx";
import { draftOf, idOf, judge, NEW_DRAFT } from "./rule-draft.ts";
import { RuleFields } from "./rule-fields.tsx";
import { useAlertWrite } from "./use-alert-write.ts";

type Props = {
  /** null: a new one. */
  readonly view: RuleView | null;
  readonly close: () => void;
};

/** Makes a rule or changes one, with what it would have done. */
export function RuleEditor({ view, close }: Props) {
  const [draft, setDraft] = useState(() => (view ? draftOf(view.rule) : NEW_DRAFT));
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [tried, setTried] = useState(false);
  const actor = useActor();
  const write = useAlertWrite();
  const mayEdit = useMay("admin");
  const readOnly = view?.origin === "file" || !mayEdit;
  const { rule, problems } = judge(draft);
  // What nobody has touched yet is not wrong yet.
  const shown = tried
    ? problems
    : Object.fromEntries(Object.entries(problems).filter(([name]) => touched.has(name)));
  const set = (name: string, text: string): void => {
    setTouched(new Set([...touched, name]));
    const named = !view && name === "title" && !touched.has("id");
    setDraft({ ...draft, [name]: text, ...(named ? { id: idOf(text) } : null) });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (!rule) return;
    const body = { rule, actor: actor.trim() || null };
    write.mutate(
      view ? { path: `rules/${view.rule.id}`, method: "PUT", body } : { path: "rules", method: "POST", body },
      { onSuccess: close },
    );
  };
  const where = rule ? scopeText(rule) : "";
  return (
    <Sheet title={view ? view.rule.title : "New rule"} wide close={close}>
      <form onSubmit={submit} aria-label="Rule" className="space-y-3">
        {readOnly ? (
          <p className="text-warn">
            {mayEdit
              ? "This rule comes from the rules file (REPRISE_ALERT_RULES). It is changed there; here it can be tried out."
              : "Rules are changed by administrators."}
          </p>
        ) : null}
        <RuleFields draft={draft} problems={shown} isNew={view === null} set={set} />
        <p className="border-t border-rule pt-2" aria-live="polite">
          {rule ? (
            <>
              {conditionText(rule.condition)}
              {where ? `, ${where}` : ""}.
            </>
          ) : (
            <span className="text-ink-3">
              {Object.keys(problems).length === 1
                ? "One field is"
                : `${Object.keys(problems).length} fields are`}{" "}
              not usable yet.
            </span>
          )}
        </p>
        <PreviewPanel rule={rule} />
        <Problem error={write.error} />
        <div className="flex justify-end gap-2">
          <button type="button" className="control" onClick={close}>
            {readOnly ? "Close" : "Cancel"}
          </button>
          {readOnly ? null : (
            <button type="submit" className={PRIMARY} disabled={write.isPending}>
              {view ? "Save" : "Make it"}
            </button>
          )}
        </div>
      </form>
    </Sheet>
  );
}
