import Bowser from "bowser";
import { isbot } from "isbot";
import { Lru } from "../../lib/runtime/lru.ts";

/** User agents repeat: this many distinct ones are remembered (about 10 MB at the longest allowed agents). */
const CACHE_SIZE = 20_000;
/** Longest agent that is read; browsers' have up to 300 characters, and clients may send what they like. */
const MAX_AGENT = 512;

const MONITORS =
  /kube-probe|healthcheck|health-check|googlehc|blackbox|uptimerobot|pingdom|statuscake|site24x7|nagios|check_http|zabbix|datadog|newrelicpinger|better ?uptime|consul health|reprise-probe/i;

// Libraries that bowser does not name; the first that matches wins.
const LIBRARIES: readonly (readonly [RegExp, string])[] = [
  [/^curl\//i, "curl"],
  [/^wget\//i, "wget"],
  [/go-http-client|^go /i, "go"],
  [/okhttp/i, "okhttp"],
  [/^java\/|apache-httpclient|jersey|jetty|reactor-netty/i, "java"],
  [/python|aiohttp|httpx|urllib/i, "python"],
  [/^node|undici|axios|got \(|node-fetch/i, "node"],
  [/cfnetwork|darwin\//i, "ios"],
  [/dalvik/i, "android"],
  [/reqwest|hyper\//i, "rust"],
  [/ruby|faraday/i, "ruby"],
  [/php|guzzle/i, "php"],
  [/dotnet|\.net/i, "dotnet"],
];

const BROWSERS: Readonly<Record<string, string>> = {
  chrome: "chrome",
  chromium: "chrome",
  safari: "safari",
  firefox: "firefox",
  "microsoft edge": "edge",
  opera: "opera",
  "samsung internet for android": "android",
};

// isbot also takes whatever is no browser for a bot; only agents that say so are left out of customers' rates.
const SAYS_SO = /bot|crawl|spider|slurp|scan|archiver|preview|monitor|\+?https?:\/\//i;

const cache = new Lru<string, string>(CACHE_SIZE);

/**
 * The client family of a user agent: one word of lower case. Mobile operating systems name the family, since their TLS
 * stack is what resumes; otherwise the browser or library does. Null for no user agent, "other" for one that says
 * nothing known. Excluded from customers' rates: "bot" and "monitor".
 */
export function familyOf(userAgent: string | null | undefined): string | null {
  if (!userAgent || userAgent === "-") return null;
  if (userAgent.length > MAX_AGENT) return classify(userAgent.slice(0, MAX_AGENT));
  const known = cache.get(userAgent);
  if (known !== undefined) return known;
  const family = classify(userAgent);
  // A copy: a part of a line would keep the whole line.
  cache.set(["", userAgent].join(""), family);
  return family;
}

function classify(userAgent: string): string {
  if (MONITORS.test(userAgent)) return "monitor";
  // Libraries first: isbot counts every HTTP library as a bot, but here they are customers' own clients.
  const library = LIBRARIES.find(([pattern]) => pattern.test(userAgent));
  if (library) return library[1];
  if (isbot(userAgent) && SAYS_SO.test(userAgent)) return "bot";
  const parsed = Bowser.parse(userAgent);
  const system = parsed.os.name?.toLowerCase();
  if (system === "ios" || system === "android") return system;
  return BROWSERS[parsed.browser.name?.toLowerCase() ?? ""] ?? "other";
}
