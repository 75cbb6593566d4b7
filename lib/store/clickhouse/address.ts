export type Address = {
  /** The server's HTTP interface. */
  readonly url: string;
  readonly database: string;
  readonly username: string;
  readonly password: string;
};

const DATABASE = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/**
 * The parts of `clickhouse+http://user:password@host:8123/database` (or `clickhouse+https://`). Throws an Error with a sentence, which
 * does not hold the password.
 */
export function addressOf(text: string): Address {
  const match = /^clickhouse\+(https?:\/\/.+)$/.exec(text);
  if (!match?.[1] || !URL.canParse(match[1]))
    throw new Error("The store's URL has to be like clickhouse+http://user:password@host:8123/database.");
  const url = new URL(match[1]);
  const database = url.pathname.slice(1);
  if (!DATABASE.test(database))
    throw new Error("The store's URL has to name a database of letters, digits and underscores.");
  return {
    url: url.origin,
    database,
    username: decodeURIComponent(url.username) || "default",
    password: decodeURIComponent(url.password),
  };
}
