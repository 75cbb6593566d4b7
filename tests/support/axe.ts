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
  expect([path, await sticksOut(page)]).toEqual([path, []]);
}

/** What makes the page wider than the window: elements that nothing clips or scrolls, each with how far it reaches, px. */
function sticksOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const clipped = (element: Element): boolean => {
      // What is placed absolutely is clipped by what it is placed in, not by what it stands in.
      const isAbsolute = getComputedStyle(element).position === "absolute";
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
        const { overflowX, position } = getComputedStyle(at);
        if (overflowX !== "visible" && (!isAbsolute || position !== "static")) return true;
      }
      return false;
    };
    const found = [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > root.clientWidth && !clipped(element))
      .map(
        (element) => `${element.outerHTML.slice(0, 160)} ends at ${element.getBoundingClientRect().right}`,
      );
    return [`the page is ${root.scrollWidth - root.clientWidth} px wider than the window`, ...found];
  });
}
