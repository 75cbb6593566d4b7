import Bowser from "bowser";

/** Longest agent that is read: browsers' have up to 300 characters. */
const MAX_AGENT = 512;

/** A user agent as people know it, such as "Firefox 140 on Windows"; the agent itself where it is no browser's; null: not known. */
export function browserOf(userAgent: string | null | undefined): string | null {
  if (!userAgent) return null;
  const { browser, os } = Bowser.parse(userAgent.slice(0, MAX_AGENT));
  if (!browser.name) return userAgent.slice(0, MAX_AGENT);
  const version = browser.version?.split(".")[0];
  return `${browser.name}${version ? ` ${version}` : ""}${os.name ? ` on ${os.name}` : ""}`;
}
