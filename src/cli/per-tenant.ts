/** Tenants that are asked at the same time, unless it is said: each is a host or two of Microsoft's, with limits of its own. */
const AT_ONCE = 4;

/**
 * Does the work for every item; those of one tenant one after the other, some tenants at a time. Results in the order of
 * the items. Throws what the first that fails throws.
 */
export async function perTenant<Item, Result>(
  items: readonly Item[],
  tenantOf: (item: Item) => string,
  work: (item: Item) => Promise<Result>,
  atOnce: number = AT_ONCE,
): Promise<readonly Result[]> {
  const results = new Map<Item, Result>();
  const waiting = [...new Set(items.map(tenantOf))];
  const worker = async (): Promise<void> => {
    for (let tenant = waiting.shift(); tenant !== undefined; tenant = waiting.shift()) {
      for (const item of items) if (tenantOf(item) === tenant) results.set(item, await work(item));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return items.flatMap((item) => results.get(item) ?? []);
}
