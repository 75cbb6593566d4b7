/** Answers /api/policy: every rule judged at every endpoint, with exceptions and what they do to the score. */
import type { z } from "zod";
import type {
  ExceptionView,
  PolicyCounts,
  PolicyReply,
  policyParams,
  RuleVerdict,
  RuleView,
} from "../contract/read-policy.ts";
import { SEVERITIES } from "../domain/findings.ts";
import { RULES } from "../policy/registry.ts";
import { filled, NEEDS, type Rule, type Threshold, thresholdSchema } from "../policy/rule.ts";
import type { ReadStore, TenantId } from "../store/port.ts";
import type { StoredException, StoredThreshold } from "../store/port-policy.ts";
import { type EndpointFacts, readPolicyFacts } from "./policy-facts.ts";

type Params = z.infer<typeof policyParams>;
type Request = { readonly params: Params; readonly nowMs: number };

/** Judges every rule at every endpoint; filters only choose what of it is listed, the counts are of everything. */
export async function readPolicy(store: ReadStore, tenant: TenantId, request: Request): Promise<PolicyReply> {
  const { params, nowMs } = request;
  const [all, thresholds, stored] = await Promise.all([
    readPolicyFacts(store, tenant, nowMs),
    store.policy.readThresholds(tenant),
    store.policy.readExceptions(tenant),
  ]);
  const exceptions = stored.map((exception) => viewOf(exception, nowMs));
  const rules = RULES.map((rule) =>
    judgeRule(rule, { endpoints: all.endpoints, thresholds, exceptions, nowMs }),
  );
  const verdicts = rules.flatMap((rule) => rule.verdicts);
  const endpoints = all.endpoints.map(({ endpoint, handshakes }) => ({
    endpoint,
    handshakes,
    ...countsOf(verdicts.filter((each) => each.endpoint === endpoint)),
  }));
  const failing = verdicts.filter(({ verdict, exceptionId }) => verdict === "fail" && exceptionId === null);
  return {
    nowMs,
    fromMs: all.fromMs,
    endpoints,
    endpointsTotal: all.endpointsTotal,
    total: countsOf(verdicts),
    failing: Object.fromEntries(
      SEVERITIES.map((name) => [name, failing.filter(({ severity }) => severity === name).length]),
    ) as PolicyReply["failing"],
    rules: rules.flatMap((rule) => chosen(rule, params)),
    exceptions,
    intents: [...all.intents.rows],
  };
}

/** An exception with its state: one that was ended or has expired counts no more. */
export function viewOf(exception: StoredException, nowMs: number): ExceptionView {
  const { endedMs, expiresMs } = exception;
  const state = endedMs !== null ? "ended" : expiresMs <= nowMs ? "expired" : "active";
  return { ...exception, state };
}

type Judged = {
  readonly endpoints: readonly EndpointFacts[];
  readonly thresholds: readonly StoredThreshold[];
  readonly exceptions: readonly ExceptionView[];
  readonly nowMs: number;
};

function judgeRule(rule: Rule, { endpoints, thresholds, exceptions, nowMs }: Judged): RuleView {
  const stored = thresholds.find((threshold) => threshold.rule === rule.id);
  const threshold = thresholdOf(rule, stored);
  const verdicts = endpoints.map(({ endpoint, facts }): RuleVerdict => {
    const { verdict, severity, summary, evidence, needs } = rule.judge(facts, threshold, nowMs);
    const exception = exceptions.find(
      (each) =>
        each.state === "active" &&
        each.rule === rule.id &&
        (each.endpoint === null || each.endpoint === endpoint),
    );
    return {
      endpoint,
      verdict,
      severity: severity ?? rule.severity,
      summary,
      evidence: evidence.map(({ nodes, ...rest }) => ({ ...rest, ...(nodes ? { nodes: [...nodes] } : {}) })),
      needs: needs.map((kind) => ({ kind, text: NEEDS[kind] })),
      exceptionId: verdict === "fail" ? (exception?.id ?? null) : null,
    };
  });
  const values = filled(rule.limits, threshold);
  const { id, title, severity, clauses, why, fix } = rule;
  return {
    ...{ id, title, severity, why },
    clauses: clauses.map((clause) => ({ ...clause })),
    fix: [...fix],
    limits: Object.entries(rule.limits).map(([name, limit]) => ({
      name,
      ...limit,
      value: values[name] ?? limit.fallback,
    })),
    changed: stored ? { actor: stored.actor, updatedMs: stored.updatedMs } : null,
    verdicts,
  };
}

/** A stored threshold that no longer fits its rule (its ranges may have changed) is not used. */
function thresholdOf(rule: Rule, stored: StoredThreshold | undefined): Threshold {
  const parsed = thresholdSchema(rule).safeParse(stored?.threshold);
  return parsed.success ? parsed.data : {};
}

function countsOf(verdicts: readonly RuleVerdict[]): PolicyCounts {
  const count = (wanted: RuleVerdict["verdict"], excepted = false): number =>
    verdicts.filter(({ verdict, exceptionId }) => verdict === wanted && (exceptionId !== null) === excepted)
      .length;
  const [passed, failed] = [count("pass"), count("fail")];
  return {
    passed,
    failed,
    excepted: count("fail", true),
    unknown: count("unknown"),
    notApplicable: count("not_applicable"),
    score: passed + failed > 0 ? passed / (passed + failed) : null,
  };
}

/** A rule with the verdicts that are asked for; none where none fits. Without endpoints a rule still tells what it demands. */
function chosen(rule: RuleView, { endpoint, verdict, severity, rule: id }: Params): RuleView[] {
  if (id !== undefined && rule.id !== id) return [];
  const verdicts = rule.verdicts.filter(
    (each) =>
      (endpoint === undefined || each.endpoint === endpoint) &&
      (verdict === undefined || each.verdict === verdict) &&
      (severity === undefined || each.severity === severity),
  );
  const narrowed = endpoint !== undefined || verdict !== undefined || severity !== undefined;
  return verdicts.length > 0 || !narrowed ? [{ ...rule, verdicts }] : [];
}
