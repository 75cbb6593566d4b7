import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";

type Props = { params: Promise<{ id: string }> };
export const dynamic = "force-dynamic";

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Runbook ${decodeURIComponent((await params).id)}` };
}

const ROTATION = "emergency-rotation";
/** Runbooks that are worked through with the checklist of keys. */
const WITH_CHECKLIST = ["FM-07", "FM-08", ROTATION];

/** The text of a runbook as it stands in docs/runbooks; null where there is none of this name. */
async function runbookText(id: string): Promise<string | null> {
  // Nothing but the name of a failure mode or of a procedure becomes part of a path.
  if (!/^FM-\d{2}$/.test(id) && id !== ROTATION) return null;
  try {
    return await readFile(join(process.cwd(), "docs", "runbooks", `${id}.md`), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

export default async function Page({ params }: Props) {
  const id = decodeURIComponent((await params).id);
  const text = await runbookText(id);
  if (text === null) notFound();
  const [title = id, ...rest] = text.replace(/^# /, "").split("\n");
  return (
    <article className="space-y-3 px-4 pt-3 sm:px-0">
      <p className="text-ink-3">
        <Link href="/incidents" className="hover:underline">
          Incidents
        </Link>{" "}
        / Runbook
      </p>
      <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
      {WITH_CHECKLIST.includes(id) ? (
        <p className="flex flex-wrap gap-1.5">
          <Link href="/keys/emergency" className="control">
            Open the checklist, with live proof
          </Link>
          {id === ROTATION ? null : (
            <Link href={`/runbooks/${ROTATION}`} className="control">
              Runbook: emergency rotation
            </Link>
          )}
        </p>
      ) : null}
      <pre className="font-mono text-[12px] break-words whitespace-pre-wrap">{rest.join("\n").trim()}</pre>
    </article>
  );
}
