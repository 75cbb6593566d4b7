import { json } from "@/app/_server/answer.ts";
import { openApiDocument } from "@/lib/contract/openapi.ts";

export const dynamic = "force-dynamic";

export function GET(): Response {
  return json(openApiDocument());
}
