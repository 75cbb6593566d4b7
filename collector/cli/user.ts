import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Writable } from "node:stream";
import type { Command } from "commander";
import { ROLES, type Role } from "../../lib/domain/roles.ts";
import { firstLink } from "../../lib/people/first-link.ts";
import { linkUrl } from "../../lib/people/one-time.ts";
import { openPeople } from "../../lib/people/open.ts";
import type { People } from "../../lib/people/people.ts";
import { consoleUrlOf } from "../../lib/runtime/console-url.ts";
import { makeLogger } from "../../lib/runtime/log.ts";
import { readSettings, type Settings } from "../../lib/runtime/settings.ts";
import { openAuthDatabase } from "../../lib/store/auth-database.ts";
import { migrate } from "../../lib/store/migrate.ts";
import { DATABASE_NAME, openPeopleStore } from "../../lib/store/open.ts";
import type { PeopleStore } from "../../lib/store/port.ts";
import { INSTALLATION } from "../../lib/store/port-audit.ts";
import type { Person, Place } from "../../lib/store/port-people.ts";

type Io = { readonly stdout: Writable; readonly stderr: Writable };
type Common = { readonly tenant: string; readonly json?: boolean };
type Told =
  | { readonly text: string; readonly json: unknown }
  | { readonly problem: string; readonly code: 1 | 2 };
type Opened = { readonly store: PeopleStore; readonly people: People; readonly url: string };
type Work = (opened: Opened, place: Place) => Promise<Told>;

/** Stands for every tenant where one is named. */
const EVERY = "*";

/** Adds `reprise user …`: people, for who is on the host. */
export function registerUser(program: Command): void {
  const user = program.command("user").description("people who sign in to the console");
  const own = (name: string, about: string): Command =>
    user
      .command(name)
      .description(about)
      .option("--tenant <name>", "in which tenant; * stands for every one", "default")
      .option("--json", "print as JSON");
  const run = async (common: Common, work: Work): Promise<void> => {
    process.exitCode = await userCommand(common, readSettings(process.env), { io: process, work });
  };
  own("list", "people of a tenant, with their roles").action((options: Common) => run(options, list));
  own("invite", "make a link by which somebody joins; the first one joins as administrator of all")
    .option("--role <role>", ROLES.join(", "), "viewer")
    .action((options: Common & { role: string }) => run(options, invite(options.role)));
  own("role", "give a role, or take it with `none`")
    .argument("<email>")
    .argument("<role>", `${ROLES.join(", ")} or none`)
    .action((email: string, role: string, options: Common) => run(options, setRole(email, role)));
  own("reset-password", "make a link by which somebody sets a new password")
    .argument("<email>")
    .action((email: string, options: Common) => run(options, resetPassword(email)));
  own("reset-second-factor", "take away the second factor of somebody who has lost it")
    .argument("<email>")
    .action((email: string, options: Common) => run(options, onPerson(email, dropSecondFactor)));
  own("sign-out", "end every session of somebody")
    .argument("<email>")
    .action((email: string, options: Common) => run(options, onPerson(email, signOut)));
  own("remove", "remove somebody: roles, sessions and ways in")
    .argument("<email>")
    .action((email: string, options: Common) => run(options, onPerson(email, remove)));
}

/** Runs a command on the store, beside the console. Answers the exit code: 2 for words that make no sense. */
export async function userCommand(
  { tenant, json }: Common,
  settings: Settings,
  { io, work }: { readonly io: Io; readonly work: Work },
): Promise<number> {
  const file = join(resolve(settings.dataDir), DATABASE_NAME);
  if (!existsSync(file)) await migrate(file);
  const store = openPeopleStore({ file });
  const { database, close } = openAuthDatabase(file);
  try {
    const place = tenant === EVERY ? INSTALLATION : await store.tokens.findTenant(tenant);
    const people = openPeople(settings, { store, database, log: makeLogger(settings.logLevel) });
    const told: Told =
      place === null
        ? { problem: `There is no tenant "${tenant}".`, code: 1 }
        : await work({ store, people, url: consoleUrlOf(settings) }, place);
    if ("problem" in told) {
      io.stderr.write(`${told.problem}\n`);
      return told.code;
    }
    io.stdout.write(`${json ? JSON.stringify(told.json) : told.text}\n`);
    return 0;
  } finally {
    await close();
    await store.close();
  }
}

/** Nobody is signed in on the host: who ran the command stands beside what it did. */
const onThisHost = () => ({ actor: `${userInfo().username} (on the host)`, address: null });

const timeOf = (ms: number | null): string => (ms === null ? "never" : new Date(ms).toISOString());

const list: Work = async ({ store }, place) => {
  const found = await store.people.readPeople(place);
  const lines = found.map(({ email, name, role, groupRole, fleetRole, secondFactor, signedInMs }) =>
    [
      ...[email, name, `role ${role ?? "none"}`, `by groups ${groupRole ?? "none"}`],
      ...[`everywhere ${fleetRole ?? "none"}`, `second factor ${secondFactor ? "on" : "off"}`],
      `signed in ${timeOf(signedInMs)}`,
    ].join("  "),
  );
  return { text: lines.join("\n") || "There is nobody.", json: { people: found } };
};

function invite(role: string): Work {
  return async ({ store, people, url }, place) => {
    const first = await firstLink(people, { reader: store, consoleUrl: url });
    if (first)
      return {
        text: `${first}\nIt makes the first administrator, once, for 24 hours.`,
        json: { url: first },
      };
    if (!isRole(role)) return { problem: `--role takes ${ROLES.join(", ")}, not "${role}".`, code: 2 };
    const { secret } = await people.makeLink(place, { purpose: "invite", role, userId: null }, onThisHost());
    const link = linkUrl(url, secret);
    return { text: `${link}\nIt works once, for 24 hours.`, json: { url: link } };
  };
}

const isRole = (text: string): text is Role => ROLES.some((role) => role === text);

async function find({ store }: Opened, email: string): Promise<Person | null> {
  const everybody = await store.people.readPeople(INSTALLATION);
  return everybody.find((one) => one.email === email.toLowerCase()) ?? null;
}

const nobody = (email: string): Told => ({ problem: `There is nobody with the address ${email}.`, code: 1 });

function onPerson(email: string, work: (opened: Opened, person: Person) => Promise<Told>): Work {
  return async (opened) => {
    const person = await find(opened, email);
    return person ? work(opened, person) : nobody(email);
  };
}

function setRole(email: string, role: string): Work {
  return async (opened, place) => {
    if (!isRole(role) && role !== "none")
      return { problem: `A role is ${ROLES.join(", ")} or none, not "${role}".`, code: 2 };
    const person = await find(opened, email);
    if (!person) return nobody(email);
    const { userId, email: known } = person;
    const act = { userId, email: known, via: "console", role: role === "none" ? null : role } as const;
    const isChanged = await opened.store.as(onThisHost()).people.setRole(place, act);
    const text = isChanged ? `${known} has the role ${role} now.` : `${known} had the role ${role} already.`;
    return { text, json: { email: known, role: act.role, changed: isChanged } };
  };
}

function resetPassword(email: string): Work {
  return async (opened, place) => {
    const person = await find(opened, email);
    if (!person) return nobody(email);
    const about = { purpose: "reset", role: null, userId: person.userId } as const;
    const { secret } = await opened.people.makeLink(place, about, onThisHost());
    const link = linkUrl(opened.url, secret);
    return { text: `${link}\nIt works once, for 24 hours.`, json: { url: link } };
  };
}

async function dropSecondFactor({ people }: Opened, person: Person): Promise<Told> {
  await people.dropSecondFactor(person, onThisHost());
  return { text: `${person.email} signs in without a second factor now.`, json: { email: person.email } };
}

async function signOut({ people }: Opened, person: Person): Promise<Told> {
  const ended = await people.signOut(person, onThisHost());
  return { text: `${ended} sessions of ${person.email} ended.`, json: { email: person.email, ended } };
}

async function remove({ people }: Opened, person: Person): Promise<Told> {
  await people.remove(person, onThisHost());
  return { text: `${person.email} is removed.`, json: { email: person.email } };
}
