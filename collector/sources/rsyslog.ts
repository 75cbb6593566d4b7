import type { ProxyConfiguration } from "./source.ts";

/**
 * rsyslog between Reprise and a proxy that cannot speak TLS to a syslog server (HAProxy can): it takes messages on loopback,
 * keeps them on disk while Reprise is away, and sends them on over TLS with octet counting (RFC 5425).
 * Debian and Ubuntu: packages rsyslog and rsyslog-openssl, version 8.2108 or newer (StreamDriver.* per action).
 */
const RSYSLOG = `# /etc/rsyslog.d/60-reprise.conf, with the packages rsyslog and rsyslog-openssl (8.2108 or newer)
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="5140" ruleset="reprise")

ruleset(name="reprise"
        queue.type="LinkedList" queue.size="100000" queue.filename="reprise"
        queue.maxDiskSpace="1g" queue.saveOnShutdown="on") {
  action(type="omfwd" target="{{syslog_host}}" port="{{syslog_tls_port}}" protocol="tcp"
         TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"
         action.resumeRetryCount="-1" action.resumeInterval="5"
         StreamDriver="ossl" StreamDriverMode="1"
         StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="{{syslog_host}}"
         StreamDriver.CAFile="/etc/rsyslog.d/reprise/ca.pem"
         StreamDriver.CertFile="/etc/rsyslog.d/reprise/client.pem"
         StreamDriver.KeyFile="/etc/rsyslog.d/reprise/client-key.pem")
}`;

/**
 * The entry "over TLS" of a proxy that writes syslog. `change` is what its lines over plain syslog become: the proxy now
 * sends to rsyslog on loopback.
 */
export function syslogOverTls(change: string): ProxyConfiguration {
  return {
    title: "Over TLS, through rsyslog",
    transport: "syslog_tls",
    language: "rsyslog",
    text: `# In the proxy, as over plain syslog, but to rsyslog on this machine:
#   ${change}

${RSYSLOG}`,
  };
}
