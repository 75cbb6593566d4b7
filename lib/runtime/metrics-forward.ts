/** Metrics of passing on to a central collector (part of the table in metrics.ts); all stay 0 where none is set. */
export const FORWARD_METRICS = {
  forwardWaitingRecords: {
    name: "reprise_forward_waiting_records",
    type: "gauge",
    labels: [],
    help: "Records that wait until the central collector has acknowledged them.",
  },
  forwardWaitingBytes: {
    name: "reprise_forward_waiting_bytes",
    type: "gauge",
    labels: [],
    help: "Disk that what is to be forwarded takes; at REPRISE_FORWARD_SPOOL_BYTES nothing more is taken.",
  },
  forwardAcknowledged: {
    name: "reprise_forward_acknowledged_seconds",
    type: "gauge",
    labels: [],
    help: "Epoch second of the central collector's last acknowledgement, 0 before the first.",
  },
  forwardStuck: {
    name: "reprise_forward_stuck",
    type: "gauge",
    labels: [],
    help: "1 while forwarding needs somebody to look: refused, full, broken, or unanswered for over a minute.",
  },
  forwardSentBytes: {
    name: "reprise_forward_sent_bytes_total",
    type: "counter",
    labels: [],
    help: "Compressed bodies that the central collector has acknowledged, bytes.",
  },
  forwardRejected: {
    name: "reprise_forward_rejected_total",
    type: "counter",
    labels: ["kind"],
    help: "What the central collector will not have: lines that it refused (line), records under a key that it knows otherwise (conflict), records damaged on this disk (damaged).",
  },
} as const;
