/** A parameter that cannot be used: answered with 400, its field and the reason. */
export class ParameterProblem extends Error {
  override name = "ParameterProblem";
  readonly field: string;
  constructor(field: string, reason: string) {
    super(reason);
    this.field = field;
  }
}
