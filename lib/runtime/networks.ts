import { BlockList, isIP, isIPv4 } from "node:net";
import { SettingsError } from "./settings.ts";

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** Whether only this machine reaches what listens on an address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Decides whether an address may send. */
export type Networks = (address: string) => boolean;

/**
 * The networks of a setting (`10.0.0.0/8, ::1`); null where it names none. Throws SettingsError for what is no network.
 */
export function networksOf(variable: string, text: string): Networks | null {
  const names = text.split(",").map((name) => name.trim());
  const given = names.filter((name) => name !== "");
  if (given.length === 0) return null;
  const list = new BlockList();
  for (const name of given) addNetwork(list, name, variable);
  return (address) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
    return isIP(plain) !== 0 && list.check(plain, isIPv4(plain) ? "ipv4" : "ipv6");
  };
}

function addNetwork(list: BlockList, network: string, variable: string): void {
  const [address = "", bits, more] = network.split("/");
  const most = isIPv4(address) ? 32 : 128;
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (isIP(address) === 0 || more !== undefined || length < 0 || length > most)
    throw new SettingsError(`${variable} names ${network}, which is no network or address.`);
  list.addSubnet(address, length, isIPv4(address) ? "ipv4" : "ipv6");
}
