/** What to do about a failure mode (DOMAIN section 4). */
export type AdviceEntry = {
  /** What it is, in a few words. */
  readonly title: string;
  /** The first action, one sentence. The same stands in its runbook. */
  readonly first: string;
  readonly doNot: readonly string[];
  /** Modes that look alike, and what is different with them. */
  readonly lookAlikes: readonly { readonly mode: string; readonly tell: string }[];
  /** Whether it is an invalidation at one moment, so that R comes back along F_age (Law 2). */
  readonly alongAge: boolean;
};
/** Advice by failure mode ("FM-03"). */
export type AdviceEntries = Readonly<Record<`FM-${string}`, AdviceEntry>>;
