import { OVERFLOW_NAME } from "../../lib/domain/vocabulary.ts";
import { TLS_ALERT_BUCKET_MS, type TlsAlertCount } from "../../lib/store/port-tls-alerts.ts";

/** Alerts that are told apart: those of TLS are some forty, failure texts are the senders'. */
const MOST_NAMES = 200;
/** Longest name kept. */
const MOST_CHARACTERS = 120;

type Count = { -readonly [F in keyof TlsAlertCount]: TlsAlertCount[F] };

/** Sums failed handshakes by minute, endpoint and alert until they are taken for a commit. */
export class AlertFold {
  readonly #names = new Set<string>();
  #counts = new Map<string, Count>();

  /** Adds failed handshakes; `at` is where they are counted, and in which view. */
  add(
    failed: { readonly atMs: number; readonly alert: string; readonly count: number },
    at: Pick<TlsAlertCount, "endpoint" | "vantage">,
  ): void {
    const { endpoint, vantage } = at;
    const alert = this.#nameOf(failed.alert.slice(0, MOST_CHARACTERS));
    const bucketStartMs = Math.floor(failed.atMs / TLS_ALERT_BUCKET_MS) * TLS_ALERT_BUCKET_MS;
    const key = `${bucketStartMs}\0${endpoint ?? ""}\0${vantage}\0${alert}`;
    const known = this.#counts.get(key);
    if (known) known.count += failed.count;
    else this.#counts.set(key, { bucketStartMs, endpoint, vantage, alert, count: failed.count });
  }

  take(): TlsAlertCount[] {
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    return counts;
  }

  #nameOf(alert: string): string {
    if (this.#names.size < MOST_NAMES) this.#names.add(alert);
    return this.#names.has(alert) ? alert : OVERFLOW_NAME;
  }
}
