/** Settings of passing on to a central collector what a site's collector takes (part of the settings table in settings.ts). */
export const FORWARD_SETTINGS = {
  forwardUrl: {
    variable: "REPRISE_FORWARD_URL",
    kind: "text",
    fallback: "",
    about:
      "Address of a central collector to which this one passes on what it has folded, beside keeping it (docs/forward.md); also `reprise collector --forward`. Empty: none.",
  },
  forwardSite: {
    variable: "REPRISE_FORWARD_SITE",
    kind: "text",
    fallback: "",
    about: "Name under which the central collector knows this one. Empty: the name of the host.",
  },
  forwardToken: {
    variable: "REPRISE_FORWARD_TOKEN",
    kind: "text",
    fallback: "",
    about: "Source token for it, with the scopes handshakes, changes and keys.",
  },
  forwardCa: {
    variable: "REPRISE_FORWARD_CA",
    kind: "text",
    fallback: "",
    about: "PEM bundle that vouches for its certificate. Empty: the usual authorities.",
  },
  forwardCert: {
    variable: "REPRISE_FORWARD_CERT",
    kind: "text",
    fallback: "",
    about: "PEM file with a client certificate for it, in place of a token.",
  },
  forwardKey: {
    variable: "REPRISE_FORWARD_KEY",
    kind: "text",
    fallback: "",
    about: "PEM file with the key of that certificate, without a passphrase.",
  },
  forwardGatherMs: {
    variable: "REPRISE_FORWARD_GATHER_MS",
    kind: "ms",
    fallback: "5000",
    about:
      "How long is gathered before a record is made and sent, 100 ms to a minute: longer is fewer bytes and a later centre. What was acknowledged is durable before.",
  },
  forwardSpoolBytes: {
    variable: "REPRISE_FORWARD_SPOOL_BYTES",
    kind: "bytes",
    fallback: "1000000000",
    about:
      "Disk that what waits for the central collector may take, in the data folder, at least 32 MB. After this nothing more is taken: pushes are answered 503 with Retry-After, syslog over TCP waits, over UDP it is dropped and counted.",
  },
} as const;
