/** A reporter of vitest: writes down which tests passed only when they were tried again, and what they said first. */
import { writeFileSync } from "node:fs";

export default class SecondTries {
  #tries = [];

  onTestCaseResult(test) {
    if (!test.diagnostic()?.flaky) return;
    const message = (test.result().errors ?? []).map((error) => error.message).join("\n");
    this.#tries.push({ file: test.module.moduleId, title: test.fullName, message });
  }

  onTestRunEnd() {
    const file = process.env.REPRISE_SECOND_TRIES;
    if (file) writeFileSync(file, JSON.stringify(this.#tries));
  }
}
