import { answer, json } from "@/app/_server/answer.ts";
import { stores } from "@/app/_server/stores.ts";

export const dynamic = "force-dynamic";

/** 200 when the store can be read. */
export function GET(): Promise<Response> {
  return answer(async () => {
    await stores().reader.revision();
    return json({ status: "ok" });
  });
}
