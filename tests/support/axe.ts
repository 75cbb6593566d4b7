import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** Every theme at every width. */
export const LOOKS = [
  ["light", 1440],
  ["light", 390],
  ["dark", 1440],
  ["dark", 390],
] as const;

/** That axe finds nothing on the page as it stands (WCAG 2.2 AA), and that it does not overflow; `path` is for messages. */
export async function expectAccessible(page: Page, path: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
    .analyze();
  expect(violations.map(({ id, nodes }) => [path, id, nodes.map(({ html }) => html).slice(0, 3)])).toEqual(
    [],
  );
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect([path, overflow]).toEqual([path, 0]);
}
