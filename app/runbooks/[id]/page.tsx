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

/** The text of a runbook as it stands in docs/runbooks; null where there is none of this name. */
async function runbookText(id: string): Promise<string | null> {
  // Nothing but the name of a failure mode becomes part of a path.
  if (!/^FM-\d{2}$/.test(id)) return null;
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
      <pre className="font-mono text-[12px] break-words whitespace-pre-wrap">{rest.join("\n").trim()}</pre>
    </article>
  );
}
