import { addressOf } from "@/app/_server/address.ts";
import { bodyOf } from "@/app/_server/answer.ts";
import { linkAnswer } from "@/app/_server/link-answer.ts";
import { open } from "@/app/_server/open.ts";
import { people } from "@/app/_server/people.ts";
import { renewBody } from "@/lib/contract/read-people.ts";

export const dynamic = "force-dynamic";

/** Sets a new password by a one-time link. */
export const POST = open(async (request) => {
  const { secret, password } = await bodyOf(request, renewBody);
  return linkAnswer(await people().renew(secret, password, addressOf(request)));
});
