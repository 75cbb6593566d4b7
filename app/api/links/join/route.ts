import { addressOf } from "@/app/_server/address.ts";
import { bodyOf } from "@/app/_server/answer.ts";
import { linkAnswer } from "@/app/_server/link-answer.ts";
import { open } from "@/app/_server/open.ts";
import { people } from "@/app/_server/people.ts";
import { joinBody } from "@/lib/contract/read-people.ts";

export const dynamic = "force-dynamic";

/** Makes the first administrator, or who was invited, by a one-time link. */
export const POST = open(async (request) => {
  const { secret, ...newcomer } = await bodyOf(request, joinBody);
  return linkAnswer(await people().join(secret, newcomer, addressOf(request)));
});
