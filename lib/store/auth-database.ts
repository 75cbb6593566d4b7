import { prismaAdapter } from "better-auth/adapters/prisma";
import { openClient } from "./sqlite/client.ts";

/** Where better-auth keeps people, sessions and second factors: its own connection to the store's file. */
export function openAuthDatabase(file: string) {
  const client = openClient(file, false);
  return {
    database: prismaAdapter(client, { provider: "sqlite" }),
    close: (): Promise<void> => client.$disconnect(),
  };
}
