import { SqliteAlerting } from "./alerting.ts";
import { SqliteAudit } from "./audit.ts";
import { SqliteFindings } from "./findings.ts";
import { SqliteKeys } from "./keys.ts";
import { SqlitePeople } from "./people.ts";
import { SqlitePolicy } from "./policy.ts";
import { SqliteProbes } from "./probe.ts";
import { SqliteRetention } from "./retention.ts";
import type { Runner } from "./runner.ts";
import { SqliteTlsAlerts } from "./tls-alerts.ts";
import { SqliteTokens } from "./tokens.ts";

/** The parts of the store that stand by themselves, over one runner. */
export class SqliteParts {
  readonly alerting: SqliteAlerting;
  readonly audit: SqliteAudit;
  readonly findings: SqliteFindings;
  readonly tlsAlerts: SqliteTlsAlerts;
  readonly keys: SqliteKeys;
  readonly people: SqlitePeople;
  readonly policy: SqlitePolicy;
  readonly probes: SqliteProbes;
  readonly retention: SqliteRetention;
  readonly tokens: SqliteTokens;

  constructor(runner: Runner) {
    this.alerting = new SqliteAlerting(runner);
    this.audit = new SqliteAudit(runner);
    this.findings = new SqliteFindings(runner);
    this.tlsAlerts = new SqliteTlsAlerts(runner);
    this.keys = new SqliteKeys(runner);
    this.people = new SqlitePeople(runner);
    this.policy = new SqlitePolicy(runner);
    this.probes = new SqliteProbes(runner);
    this.retention = new SqliteRetention(runner);
    this.tokens = new SqliteTokens(runner);
  }
}
