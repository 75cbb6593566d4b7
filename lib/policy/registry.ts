/** Every hygiene rule, in order of its number. */
import type { Rule } from "./rule.ts";
import { H22, H23 } from "./rules/binding.ts";
import { H06, H11, H12, H13 } from "./rules/custody.ts";
import { H17, H18, H19, H20, H21 } from "./rules/early-data.ts";
import { H14, H15, H16, H29 } from "./rules/fleet.ts";
import { H01, H04, H05, H24, H25 } from "./rules/lifetime.ts";
import { H07, H26, H27, H28 } from "./rules/protocol.ts";
import { H02, H03, H08 } from "./rules/rotation.ts";
import { H09, H10, H30 } from "./rules/staging.ts";

export const RULES: readonly Rule[] = [
  ...[H01, H02, H03, H04, H05, H06, H07, H08, H09, H10],
  ...[H11, H12, H13, H14, H15, H16, H17, H18, H19, H20],
  ...[H21, H22, H23, H24, H25, H26, H27, H28, H29, H30],
];

/** A rule by its id; undefined for an unknown one. */
export function ruleOf(id: string): Rule | undefined {
  return RULES.find((rule) => rule.id === id);
}
