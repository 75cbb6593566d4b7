import { personOf } from "@/app/_server/account.ts";
import { addressOf } from "@/app/_server/address.ts";
import { bodyOf } from "@/app/_server/answer.ts";
import { guarded } from "@/app/_server/guard.ts";
import { linkAnswer } from "@/app/_server/link-answer.ts";
import { people } from "@/app/_server/people.ts";
import { linkBody } from "@/lib/contract/read-people.ts";

export const dynamic = "force-dynamic";

/** Takes an invitation by who has an account already. */
export const POST = guarded("viewer", async ({ request }) => {
  const { secret } = await bodyOf(request, linkBody);
  return linkAnswer(await people().accept(secret, await personOf(request), addressOf(request)));
});
