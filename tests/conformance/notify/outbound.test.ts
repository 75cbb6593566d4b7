/** What keeps webhooks from reaching inside: checked after names are resolved, at the address that is connected to. */
import type { LookupAddress } from "node:dns";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GuardedHttp, type Lookup } from "../../../collector/notify/outbound-http.ts";
import { Receiver } from "./server.ts";

let receiver: Receiver;
let port = "";
beforeEach(async () => {
  receiver = new Receiver((_, response) => response.end("{}"));
  port = (await receiver.listen()).split(":")[1] ?? "";
});
afterEach(() => receiver.close());

const post = (http: GuardedHttp, url: string) =>
  http.request({ method: "POST", url, headers: {}, body: "{}", timeoutMs: 3_000 });
/** A name server that answers each question with the next of some addresses. */
const names = (...answers: string[]): Lookup => {
  let asked = 0;
  return ((_host: string, _options: object, done: (error: null, all: LookupAddress[]) => void) => {
    const address = answers[Math.min(asked, answers.length - 1)] ?? "";
    asked += 1;
    done(null, [{ address, family: address.includes(":") ? 6 : 4 }]);
  }) as Lookup;
};

describe("addresses inside", () => {
  it.each([
    ..."127.0.0.1 127.1 0177.0.0.1 2130706433 0x7f000001 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1".split(" "),
    ..."169.254.169.254 100.64.0.1 224.0.0.1 255.255.255.255 [::1] [::] [fe80::1] [fc00::1] [fd12::1]".split(
      " ",
    ),
    ..."[::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] [ff02::1]".split(
      " ",
    ),
  ])("%s is refused", async (host) => {
    const answer = await post(new GuardedHttp({ allowed: [] }), `http://${host}:${port}/`);
    expect(answer.kind).toBe("refused");
    expect(receiver.received).toHaveLength(0);
  });

  it.each([
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "unix:/var/run/docker.sock",
    "nonsense",
  ])("%s is no address to tell", async (url) =>
    expect((await post(new GuardedHttp({ allowed: [] }), url)).kind).toBe("refused"),
  );

  it("credentials in an address are refused", async () => {
    expect(await post(new GuardedHttp({ allowed: [] }), "https://user:secret@example.com/")).toMatchObject({
      kind: "refused",
    });
  });

  it("a name that resolves to one is refused, and one that resolves to another a moment later as well", async () => {
    const inside = new GuardedHttp({ allowed: [], lookup: names("127.0.0.1") });
    expect((await post(inside, `http://hooks.example:${port}/`)).kind).toBe("refused");
    // Rebinding: what is checked is what is connected to, so the second answer is never asked for.
    const rebinding = new GuardedHttp({ allowed: ["192.0.2.1"], lookup: names("192.0.2.1", "127.0.0.1") });
    expect((await post(rebinding, `http://hooks.example:${port}/`)).kind).not.toBe("answered");
    expect(receiver.received).toHaveLength(0);
    expect((await inside.resolve("hooks.example")).kind).toBe("refused");
  });
});

describe("what is allowed", () => {
  it.each(["127.0.0.1", "127.0.0.0/8"])("%s lets it through", async (allowed) => {
    expect(await post(new GuardedHttp({ allowed: [allowed] }), `http://127.0.0.1:${port}/`)).toMatchObject({
      ...{ kind: "answered", status: 200 },
    });
  });

  it("a host by its name, wherever it is", async () => {
    const http = new GuardedHttp({ allowed: ["Hooks.Example"], lookup: names("127.0.0.1") });
    expect((await post(http, `http://hooks.example:${port}/`)).kind).toBe("answered");
    expect(await http.resolve("hooks.example")).toEqual({ kind: "address", address: "127.0.0.1" });
    const other = await post(http, `http://other.example:${port}/`);
    expect(other.kind).toBe("refused");
  });

  it("says what is wrong with an entry", () => {
    expect(() => new GuardedHttp({ allowed: ["10.0.0.0/99"] })).toThrow(RangeError);
    expect(() => new GuardedHttp({ allowed: ["no/where"] })).toThrow(RangeError);
  });
});
