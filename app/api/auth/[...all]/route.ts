import { addressOf } from "@/app/_server/address.ts";
import { open } from "@/app/_server/open.ts";
import { people } from "@/app/_server/people.ts";

export const dynamic = "force-dynamic";

/** The way back from the identity provider. */
export const GET = open((request) => people().handle(request, { address: addressOf(request) }));

/** Signing in and out, and what people do with their own way in. */
export const POST = open((request) => people().handle(request, { address: addressOf(request) }));
