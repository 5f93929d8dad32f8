import type { PageFile } from './page-file.ts';
import { parsePage } from './page-records.ts';

/** Whose a page is, as far as the trees of the database lead to it. */
export interface PageOwners {
  /** Name of the table; null for pages of indexes and free pages, which hold nothing of their own. */
  readonly owned: ReadonlyMap<number, string | null>;
  /** Pages that ought to lead on, and cannot be read. */
  readonly broken: number;
}

/** Follows the trees from their roots. What lies below a page that cannot be read has no owner. */
export function findOwners(file: PageFile): PageOwners {
  const owned = new Map<number, string | null>();
  let broken = 0;
  const follow = (root: number, owner: string | null): void => {
    const open = [root];
    for (let number = open.pop(); number !== undefined; number = open.pop()) {
      if (owned.has(number)) continue;
      const page = parsePage(file, number, 'children');
      if (page === null) {
        broken += 1;
        continue;
      }
      owned.set(number, owner);
      open.push(...page.children);
    }
  };
  if (!file.hasHeader) return { owned, broken: 0 };
  follow(1, null);
  for (const { root, table } of roots(file, [...owned.keys()])) follow(root, table);
  for (const number of freePages(file)) owned.set(number, null);
  return { owned, broken };
}

/** From the list of tables and indexes: rows (type, name, tbl_name, rootpage, sql). */
function roots(
  file: PageFile,
  pages: readonly number[],
): readonly { readonly root: number; readonly table: string | null }[] {
  return pages
    .flatMap((number) => parsePage(file, number)?.rows ?? [])
    .flatMap(({ values: [type, name, , root] }) => {
      if (typeof root !== 'number' || typeof name !== 'string' || root < 2) return [];
      return [{ root, table: type === 'table' ? name : null }];
    });
}

/** Trunks, each with the number of the next one and a list of leaves. */
function freePages(file: PageFile): ReadonlySet<number> {
  const free = new Set<number>();
  let trunk = file.page(1)?.readUInt32BE(32) ?? 0;
  while (trunk !== 0 && !free.has(trunk)) {
    const page = file.page(trunk);
    if (page === null) break;
    free.add(trunk);
    const leaves = Math.min(page.readUInt32BE(4), Math.floor(file.pageSize / 4) - 2);
    for (let leaf = 0; leaf < leaves; leaf += 1) free.add(page.readUInt32BE(8 + 4 * leaf));
    trunk = page.readUInt32BE(0);
  }
  return free;
}
