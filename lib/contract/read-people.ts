import { z } from "zod";
import { ROLES } from "../domain/roles.ts";

const role = z.enum(ROLES);
const ms = z.number().int();
const password = z.string().min(12).max(256);
const secret = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "no link has this secret");

/** A session as its owner sees it. */
const ownSession = z.object({
  id: z.string(),
  createdMs: ms,
  expiresMs: ms,
  address: z.string().nullable(),
  browser: z.string().nullable().describe("and its system; as it names itself where it is no browser"),
  current: z.boolean(),
});
export type OwnSessionView = z.infer<typeof ownSession>;

/** What somebody knows of themselves. */
export const accountReply = z.object({
  email: z.string(),
  name: z.string(),
  secondFactor: z.boolean(),
  sessions: z.array(ownSession),
});
export type AccountReply = z.infer<typeof accountReply>;

const person = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role: role.nullable().describe("given by people, in this tenant"),
  groupRole: role.nullable().describe("given by groups of the identity provider, in this tenant"),
  fleetRole: role.nullable().describe("in every tenant"),
  secondFactor: z.boolean(),
  createdMs: ms,
  signedInMs: ms.nullable().describe("the newest sign-in that still lasts; null: none"),
  sessions: z.number().int(),
  mine: z.boolean().describe("whether who asks may administer this person"),
});
export type PersonView = z.infer<typeof person>;

const link = z.object({
  id: z.string().describe("the beginning of the secret's hash"),
  purpose: z.enum(["first", "invite", "reset"]),
  role: role.nullable(),
  everywhere: z.boolean(),
  createdMs: ms,
  createdBy: z.string().nullable(),
  expiresMs: ms,
});
export type LinkView = z.infer<typeof link>;

export const peopleReply = z.object({
  nowMs: ms,
  signIn: z.boolean().describe("false: sign-in is off"),
  everywhere: z.boolean().describe("whether who asks administers every tenant"),
  people: z.array(person),
  links: z.array(link),
});
export type PeopleReply = z.infer<typeof peopleReply>;

export const invitationBody = z.object({ role, everywhere: z.boolean().default(false) });
export const madeLinkReply = z.object({ url: z.string().describe("shown once"), expiresMs: ms });
export const roleBody = z.object({ role: role.nullable(), everywhere: z.boolean().default(false) });
export const doneReply = z.object({ ok: z.literal(true) });

export const linkBody = z.object({ secret });
/** What a link does, for who opens it. */
export const linkReply = z.object({
  purpose: z.enum(["first", "invite", "reset"]),
  role: role.nullable(),
  tenant: z.string().nullable().describe("null: every one"),
  expiresMs: ms,
});
export type LinkReply = z.infer<typeof linkReply>;
export const joinBody = z.object({
  secret,
  name: z.string().trim().min(1).max(253),
  email: z.email().max(254),
  password,
});
export const renewBody = z.object({ secret, password });
