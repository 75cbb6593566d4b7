import { z } from "zod";
import { content, type Route, written } from "./openapi-parts.ts";
import { errorReply } from "./read.ts";
import * as people from "./read-people.ts";
import { retentionBody, retentionReply } from "./read-retention.ts";
import * as tokens from "./read-tokens.ts";
import { tenantChoiceBody, visitorReply } from "./read-visitor.ts";

/** What is read of people and what they may do. */
export const PEOPLE_READ_ROUTES: readonly Route[] = [
  {
    path: "/api/visitor",
    summary: "Who the console takes the asker for, in which tenant and as what",
    params: null,
    reply: visitorReply,
  },
  {
    path: "/api/account",
    summary: "What somebody knows of themselves: sessions, second factor",
    params: null,
    reply: people.accountReply,
  },
  {
    path: "/api/people",
    summary: "People of the tenant with their roles, and links that nobody has used yet",
    params: null,
    reply: people.peopleReply,
  },
  {
    path: "/api/tokens",
    summary: "Tokens of senders and scripts, without their secrets",
    params: null,
    reply: tokens.tokensReply,
  },
  {
    path: "/api/retention",
    summary: "How long the installation keeps what, and what of it this tenant keeps for a shorter time",
    params: null,
    reply: retentionReply,
  },
];

const id = [{ name: "id", in: "path", required: true, schema: { type: "string" } }];
const done = [200, people.doneReply] as const;

const bare = (summary: string, [status, reply]: readonly [number, z.ZodType] = done) => ({
  summary,
  parameters: id,
  responses: {
    [status]: { description: "done", content: content(reply) },
    403: { description: "another site asked, or a role that does not suffice", content: content(errorReply) },
    404: { description: "there is none", content: content(errorReply) },
  },
});

/** better-auth's routes, of which only those that the console uses are there. */
const signIn = (summary: string) => ({
  summary,
  responses: { 200: { description: "done", content: content(z.looseObject({})) } },
});

/** What is done about people and by them for themselves. */
export const PEOPLE_ROUTES: Readonly<Record<string, object>> = {
  "/api/retention": {
    put: written("Keep what is this tenant's for a shorter time", retentionBody, [200, retentionReply]),
  },
  "/api/visitor/tenant": {
    post: written("Go over to another tenant", tenantChoiceBody, [200, visitorReply]),
  },
  "/api/auth/{...all}": {
    get: signIn("The way back from the identity provider"),
    post: signIn("Sign in, sign out, change one's password or second factor"),
  },
  "/api/links": { post: written("Say what a one-time link does", people.linkBody, [200, people.linkReply]) },
  "/api/links/join": { post: written("Join by a one-time link", people.joinBody, done) },
  "/api/links/renew": { post: written("Set a password by a one-time link", people.renewBody, done) },
  "/api/account/link": { post: written("Take an invitation", people.linkBody, done) },
  "/api/account/sessions/{id}": { delete: bare("End a session of one's own") },
  "/api/people/links": {
    post: written("Make an invitation", people.invitationBody, [201, people.madeLinkReply]),
  },
  "/api/people/links/{id}": { delete: bare("End a link that nobody has used") },
  "/api/tokens": { post: written("Make a token", tokens.tokenBody, [201, tokens.madeTokenReply]) },
  "/api/tokens/{id}": { delete: bare("Revoke a token at once") },
  "/api/tokens/{id}/rotate": {
    post: {
      ...written("Make a token that takes over from another", tokens.rotateBody, [
        201,
        tokens.madeTokenReply,
      ]),
      parameters: id,
    },
  },
  "/api/people/{id}": {
    patch: { ...written("Give or take a role", people.roleBody, done), parameters: id },
  },
  "/api/people/{id}/sessions": { delete: bare("End every session of a person") },
  "/api/people/{id}/reset": {
    post: bare("Make a link by which a person sets a new password", [201, people.madeLinkReply]),
  },
};
