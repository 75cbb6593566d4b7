import { json } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { readSourceList } from "@/lib/read/sources.ts";

export const dynamic = "force-dynamic";

export const GET = guarded("viewer", async ({ tenant, reader }) =>
  json(await readSourceList(reader, tenant, Date.now())),
);
