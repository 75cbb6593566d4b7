import { expect, it } from "vitest";
import { guarded } from "./guarded.ts";

it("refuses the one line that a decoder stumbles over, and tells of the mistake", () => {
  const told: string[] = [];
  const decoder = guarded(
    {
      decode(line) {
        if (line === "bad") throw new RangeError("a mistake");
        return { kind: "ignored", why: "irrelevant" };
      },
    },
    (error) => told.push(error.message),
  );
  expect(decoder.decode("bad", 0)).toMatchObject({ kind: "refused" });
  expect(decoder.decode("good", 0)).toEqual({ kind: "ignored", why: "irrelevant" });
  expect(told).toEqual(["a mistake"]);
});
