import { answer, json } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";
import { readSourceList } from "@/lib/read/sources.ts";
import { DEFAULT_TENANT } from "@/lib/store/port.ts";

export const dynamic = "force-dynamic";

export function GET(): Promise<Response> {
  return answer(async () => json(await readSourceList(stores().reader, DEFAULT_TENANT, Date.now())));
}
