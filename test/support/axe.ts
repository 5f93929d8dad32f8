import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** The rules of axe, as text that a page evaluates: its own policy lets no script in by another way. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.2 A and AA, and what axe calls best practice. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds wrong with the page as it is shown now, a line each with the rule and one place; none: it is clean. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(`${AXE}\n;void 0`);
  const options = JSON.stringify({ runOnly: { type: 'tag', values: TAGS } });
  const { violations } = await page.evaluate<{ readonly violations: readonly Violation[] }>(
    `axe.run(document, ${options})`,
  );
  return violations.map(({ id, nodes }) => {
    const [first] = nodes;
    return `${id} (${nodes.length}): ${first?.html ?? ''} ${first?.failureSummary ?? ''}`;
  });
}
