import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { familyOf } from "../../collector/sources/family.ts";
import { ProbeLab, probeOf, roundOf, specOf, ticketKey } from "../support/probe-lab.ts";
import { hasProgram } from "../support/process.ts";

let lab: ProbeLab;
beforeEach(async () => {
  lab = await ProbeLab.start();
});
afterEach(() => lab.destroy());

const missing = (name: string): boolean => !hasProgram(name);
const issuedAndAccepted = { issued: true, accepted: true, reason: null };
const NOT_ISSUED = { issued: false, accepted: null };
const NOT_TRIED = { issued: null, accepted: null };

describe.skipIf(missing("nginx"))("the prober at nginx", () => {
  const both = "ssl_protocols TLSv1.2 TLSv1.3; ssl_session_timeout 7m;";

  it("tells session ids, tickets and PSKs apart, and reads what they say", async () => {
    await lab.write("a.key", ticketKey());
    const keyed = `${both} ssl_session_cache shared:S:1m; ssl_session_ticket_key ${lab.path("a.key")};`;
    const node = await lab.nginx("edge-1", keyed);
    const found = probeOf(await roundOf(specOf([node], { tryOldProtocols: true })), "edge-1");
    expect(found).toMatchObject({
      failure: null,
      protocols: { TLSv1: false, "TLSv1.1": false, "TLSv1.2": true, "TLSv1.3": true },
      protocol: "TLSv1.3",
      cipher: "TLS_AES_256_GCM_SHA384",
      group: "X25519",
      mechanisms: {
        session_id: { ...issuedAndAccepted, tickets: null, ticketBytes: null, keyNames: [] },
        ticket: { ...issuedAndAccepted, tickets: 1, lifetimeHintS: 420, ticketBytes: 208, stateful: false },
        psk: { ...issuedAndAccepted, tickets: 2, lifetimeHintS: 420, stateful: false },
      },
      certificate: {
        keyType: "ec",
        keyBits: 256,
        chainLength: 1,
        trusted: false,
        subject: "CN=shop.example",
      },
      earlyData: { maxBytes: 0, accepted: null, reason: "not offered" },
      weakKeys: { found: null },
    });
    expect(found.mechanisms.ticket.keyNames).toEqual(found.mechanisms.psk.keyNames);
    expect(found.certificate?.distrust).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(found.timings.map(({ step, resumed }) => [step, resumed])).toEqual([
      ...[
        ["full_tls13", false],
        ["psk", true],
        ["full_tls12", false],
        ["ticket", true],
      ],
      ...[
        ["full_tls12", false],
        ["session_id", true],
      ],
    ]);
    expect(await lab.read("edge-1.log")).toBe("");
    for (const { connectUs, handshakeUs } of found.timings) {
      expect(connectUs).toBeGreaterThan(0);
      expect(handshakeUs).toBeGreaterThan(100);
    }
  });

  it("shows the name of the key file, and no more than its hash", async () => {
    const key = ticketKey();
    await lab.write("a.key", key);
    const node = await lab.nginx("edge-1", `${both} ssl_session_ticket_key ${lab.path("a.key")};`);
    const round = await roundOf(specOf([node]));
    const hashed = `hash of ${key.toString("hex", 0, 16)}`;
    expect(probeOf(round, "edge-1").mechanisms.psk.keyNames).toEqual([hashed]);
    expect(round.keys).toMatchObject([
      { node: "edge-1", use: "issued", keyName: key.toString("hex", 0, 16), count: 3, lifetimeHintS: 420 },
    ]);
    const text = JSON.stringify(round.nodes);
    // No ticket's bytes and no other part of the key are in what is found.
    expect(text).not.toContain(key.toString("hex", 16, 32));
    expect(text.length).toBeLessThan(6_000);
  });

  it("with tickets off: ids in TLS 1.2, references in TLS 1.3", async () => {
    const node = await lab.nginx("edge-1", `${both} ssl_session_tickets off; ssl_session_cache shared:S:1m;`);
    const found = probeOf(await roundOf(specOf([node])), "edge-1");
    expect(found.mechanisms.session_id).toMatchObject(issuedAndAccepted);
    expect(found.mechanisms.ticket).toMatchObject(NOT_ISSUED);
    expect(found.mechanisms.psk).toMatchObject({
      ...issuedAndAccepted,
      stateful: true,
      ticketBytes: 32,
      keyNames: [],
    });
    expect(found.weakKeys).toBeNull();
  });

  it("with neither tickets nor a cache: nothing resumes, and it is said that nothing was issued", async () => {
    const node = await lab.nginx("edge-1", `${both} ssl_session_tickets off; ssl_session_cache off;`);
    const found = probeOf(await roundOf(specOf([node])), "edge-1");
    expect(found.failure).toBeNull();
    expect(found.timings.every(({ resumed }) => !resumed)).toBe(true);
    expect(found.mechanisms.ticket).toMatchObject(NOT_ISSUED);
    expect(found.mechanisms.session_id.accepted).not.toBe(true);
    expect(found.mechanisms.psk.accepted).not.toBe(true);
  });

  it("with TLS 1.2 only, and with 1.3 only", async () => {
    const old = await lab.nginx("old", "ssl_protocols TLSv1.2; ssl_session_cache shared:S:1m;");
    const fresh = await lab.nginx("new", "ssl_protocols TLSv1.3;");
    const round = await roundOf(specOf([old, fresh]));
    expect(probeOf(round, "old")).toMatchObject({
      failure: null,
      protocol: "TLSv1.2",
      protocols: { "TLSv1.3": false, "TLSv1.2": true },
      mechanisms: { psk: NOT_TRIED, ticket: issuedAndAccepted, session_id: issuedAndAccepted },
    });
    // One ticket of TLS 1.2 shows no name; a second handshake does.
    expect(probeOf(round, "old").mechanisms.ticket.keyNames).toHaveLength(1);
    expect(probeOf(round, "new")).toMatchObject({
      failure: null,
      protocol: "TLSv1.3",
      protocols: { "TLSv1.3": true, "TLSv1.2": false },
      mechanisms: { psk: issuedAndAccepted, ticket: NOT_TRIED, session_id: NOT_TRIED },
    });
  });

  it.skipIf(missing("openssl"))("early data: offered, really accepted, and accepted twice", async () => {
    const node = await lab.nginx("edge-1", `${both} ssl_early_data on;`);
    const found = probeOf(await roundOf(specOf([node])), "edge-1");
    // nginx leaves replays to the application (it switches off OpenSSL's own protection).
    expect(found.earlyData).toEqual({ maxBytes: 16_384, accepted: true, acceptedTwice: true, reason: null });
    // What it logs of it says who it was; of the other connections it logs nothing.
    const lines = (await lab.read("edge-1.log")).trim().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/"HEAD \/ HTTP\/1.1" 200 0 "-" "reprise-probe"$/);
    expect(familyOf("reprise-probe")).toBe("monitor");
  });

  it("offers a session under another name only when one is configured", async () => {
    const node = await lab.nginx("edge-1", both);
    const without = probeOf(await roundOf(specOf([node])), "edge-1");
    expect(without.otherName).toEqual({ accepted: null, reason: "no other name is configured" });
    const named = { otherServerName: "other.example" };
    expect(probeOf(await roundOf(specOf([node], named)), "edge-1").otherName.accepted).toBe(true);
  });

  it("finds a key of zeros by its tickets, and a repeated byte", async () => {
    const name = ticketKey().subarray(0, 16);
    await lab.write("zero.key", Buffer.concat([name, Buffer.alloc(64)]));
    await lab.write("aa.key", Buffer.concat([name, Buffer.alloc(32, 0xaa)]));
    const zero = await lab.nginx("zero", `${both} ssl_session_ticket_key ${lab.path("zero.key")};`);
    const same = await lab.nginx("same", `${both} ssl_session_ticket_key ${lab.path("aa.key")};`);
    const round = await roundOf(specOf([zero, same]));
    expect(probeOf(round, "zero").weakKeys?.found).toBe(
      "OpenSSL, key of 80 bytes: the encryption key is all zero",
    );
    expect(probeOf(round, "same").weakKeys?.found).toBe(
      "OpenSSL, key of 48 bytes: the encryption key is only the byte 0xaa",
    );
  });
});

describe("the prober at other servers", () => {
  const everything = { session_id: issuedAndAccepted, ticket: issuedAndAccepted, psk: issuedAndAccepted };

  it.skipIf(missing("haproxy"))("HAProxy: every way to resume, and early data", async () => {
    const node = await lab.haproxy("lb-1", "ssl-min-ver TLSv1.2 allow-0rtt");
    const found = probeOf(await roundOf(specOf([node])), "lb-1");
    expect(found).toMatchObject({ failure: null, mechanisms: everything });
    expect(found.mechanisms.psk.keyNames).toHaveLength(1);
    expect(found.earlyData).toMatchObject({ maxBytes: 15_360, accepted: true });
  });

  it.skipIf(missing("haproxy"))("HAProxy without tickets and TLS 1.3: ids alone", async () => {
    const node = await lab.haproxy("lb-1", "ssl-max-ver TLSv1.2 no-tls-tickets");
    const { mechanisms } = probeOf(await roundOf(specOf([node])), "lb-1");
    expect(mechanisms).toMatchObject({ session_id: issuedAndAccepted, ticket: NOT_ISSUED, psk: NOT_TRIED });
  });

  it.skipIf(missing("apache2"))("Apache: every way to resume", async () => {
    const cache = `SSLSessionCache shmcb:${lab.folder}/cache(512000)`;
    const node = await lab.apache("web-1", cache);
    const found = probeOf(await roundOf(specOf([node])), "web-1");
    expect(found).toMatchObject({ failure: null, mechanisms: everything });
  });

  it.skipIf(missing("caddy"))(
    "Caddy: tickets only, no ids, one ticket a handshake, a hint of a week",
    async () => {
      const node = await lab.caddy("go-1");
      const found = probeOf(await roundOf(specOf([node])), "go-1");
      expect(found.mechanisms).toMatchObject({
        session_id: NOT_ISSUED,
        ticket: { ...issuedAndAccepted, lifetimeHintS: null },
        psk: { ...issuedAndAccepted, tickets: 1, lifetimeHintS: 604_800 },
      });
      expect(found.earlyData.maxBytes).toBe(0);
    },
  );

  it.skipIf(missing("openssl"))(
    "openssl s_server: as many tickets as it is told, and stateful ones",
    async () => {
      const many = await lab.openssl("many", ["-www", "-tls1_3", "-num_tickets", "5"]);
      const stateful = await lab.openssl("stateful", ["-www", "-tls1_3", "-no_ticket"]);
      const round = await roundOf(specOf([many, stateful]));
      expect(probeOf(round, "many").mechanisms.psk).toMatchObject({ ...issuedAndAccepted, tickets: 5 });
      expect(probeOf(round, "stateful").mechanisms.psk).toMatchObject({
        ...issuedAndAccepted,
        stateful: true,
      });
    },
  );

  it.skipIf(missing("openssl"))(
    "openssl s_server with protection from replays: early data once",
    async () => {
      const node = await lab.openssl("once", ["-tls1_3", "-early_data", "-quiet"]);
      const found = probeOf(await roundOf(specOf([node])), "once");
      expect(found.earlyData).toMatchObject({ accepted: true, acceptedTwice: false });
    },
  );
});
