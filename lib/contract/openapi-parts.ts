/** Parts of the OpenAPI document that every list of routes uses. */
import { z } from "zod";
import { errorReply } from "./read.ts";

export type Route = {
  readonly path: string;
  readonly summary: string;
  readonly params: z.ZodObject | null;
  readonly reply: z.ZodType;
  readonly pathParams?: readonly string[];
  /** Of the answer, where it is not JSON. */
  readonly mediaType?: string;
};

/** A body of a schema. */
export const content = (schema: z.ZodType, mediaType = "application/json") => ({
  [mediaType]: { schema: z.toJSONSchema(schema, { unrepresentable: "any" }) },
});

/** A route of a person: what it takes, and what it answers when it is done. */
export const written = (
  summary: string,
  body: z.ZodType,
  done: readonly [status: number, reply: z.ZodType],
) => ({
  summary: `${summary} (from the console's own pages)`,
  requestBody: { required: true, content: content(body) },
  responses: {
    [done[0]]: { description: "done", content: content(done[1]) },
    400: { description: "a field that cannot be used", content: content(errorReply) },
    401: { description: "nobody that is known asked", content: content(errorReply) },
    403: { description: "another site asked, or a role that does not suffice", content: content(errorReply) },
  },
});
