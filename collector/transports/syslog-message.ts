import { isName } from "../pipeline/names.ts";

/** What a syslog message says beside its text; null where it says nothing. */
export type SyslogMessage = {
  readonly host: string | null;
  readonly app: string | null;
  readonly text: string;
};

// RFC 3164 4.1: <PRI>Mmm dd hh:mm:ss HOST TAG[pid]: text. nginx sends an empty host at start; some send none at all.
// rsyslog's ForwardFormat puts an RFC 3339 time in the same place.
const RFC3164 =
  /^<\d{1,3}>(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]{8,16}(?:Z|[+-]\d\d:\d\d)) (?:(\S*) )?([A-Za-z0-9_./-]{1,48})(?:\[[^\]]*\])?: ?(.*)$/s;
// RFC 5424 6: <PRI>1 TIMESTAMP HOST APP PROCID MSGID SD [text]
const RFC5424 =
  /^<\d{1,3}>1 (\S+) (\S+) (\S+) (\S+) (\S+) (-|(?:\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])+)(?: (.*))?$/s;

/** Takes a syslog header off (RFC 5424, RFC 3164); null when the line has none. Never throws. */
export function parseSyslogMessage(line: string): SyslogMessage | null {
  if (!line.startsWith("<")) return null;
  const modern = RFC5424.exec(line);
  if (modern) {
    const [, , host = "-", app = "-", , , , text = ""] = modern;
    // Relays put the space that followed an RFC 3164 tag in front of the text.
    return { host: hostOf(host), app: nil(app), text: text.replace(/^(?:\uFEFF| +(?=\S))/, "") };
  }
  const classic = RFC3164.exec(line);
  if (!classic) return null;
  const [, host = "", app = "", text = ""] = classic;
  return { host: hostOf(host), app, text };
}

/** A host that can be kept as a name; one that cannot says nothing. */
function hostOf(word: string): string | null {
  return word !== "" && isName(word) ? nil(word) : null;
}

function nil(word: string): string | null {
  return word === "-" ? null : word;
}
