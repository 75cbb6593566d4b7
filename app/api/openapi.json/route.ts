import { json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { openApiDocument } from "@/lib/contract/openapi.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async () => json(openApiDocument()));
