import { describe, expect, it } from 'vitest';
import { perTenant } from '../../../src/cli/per-tenant.ts';

const ITEMS = Array.from({ length: 12 }, (_, index) => ({ tenant: `t${index % 6}`, index }));

describe('work for many tenants', () => {
  it('is done for one item of a tenant at a time and for four tenants, and answers in the order of the items', async () => {
    const busy = new Set<string>();
    let most = 0;
    const results = await perTenant(
      ITEMS,
      ({ tenant }) => tenant,
      async ({ tenant, index }) => {
        expect(busy).not.toContain(tenant);
        busy.add(tenant);
        most = Math.max(most, busy.size);
        await new Promise(setImmediate);
        busy.delete(tenant);
        return index;
      },
    );
    expect(results).toEqual(ITEMS.map(({ index }) => index));
    expect(most).toBe(4);
  });

  it('fails with the first that fails', async () => {
    const work = ({ index }: (typeof ITEMS)[number]) =>
      index === 5 ? Promise.reject(new Error('five')) : Promise.resolve();
    await expect(perTenant(ITEMS, ({ tenant }) => tenant, work)).rejects.toThrow('five');
  });
});
