import { answer, HEADERS, problem } from "@/app/_server/answer.ts";
import { costs } from "@/app/_server/costs.ts";
import { stores } from "@/app/_server/stores.ts";
import { readIncidentDetail } from "@/lib/read/incident-detail.ts";
import { incidentMarkdown } from "@/lib/read/incident-markdown.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

/** The incident as a document, for a ticket or a post-mortem. */
export function GET(_request: Request, context: { params: Promise<{ id: string }> }): Promise<Response> {
  return answer(async () => {
    const { id } = await context.params;
    const at = { id, nowMs: Date.now(), costs: costs() };
    const reply = await readIncidentDetail(stores().reader, DEFAULT_TENANT, at);
    if (!reply) return problem(404, { error: "There is no incident with this id.", field: "id" });
    return new Response(incidentMarkdown(reply), {
      headers: { ...HEADERS, "content-type": "text/markdown; charset=utf-8" },
    });
  });
}
