import { type Route, written } from "./openapi-parts.ts";
import { tenantChoiceBody, visitorReply } from "./read-visitor.ts";

/** What is read of people and what they may do. */
export const PEOPLE_READ_ROUTES: readonly Route[] = [
  {
    path: "/api/visitor",
    summary: "Who the console takes the asker for, in which tenant and as what",
    params: null,
    reply: visitorReply,
  },
];

/** What is done about people and by them for themselves. */
export const PEOPLE_ROUTES: Readonly<Record<string, object>> = {
  "/api/visitor/tenant": {
    post: written("Go over to another tenant", tenantChoiceBody, [200, visitorReply]),
  },
};
