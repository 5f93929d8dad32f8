import Database from 'better-sqlite3';
import { refuseNewer, schemaVersion } from './schema.ts';
import { openSqlite, type UpgradeOptions } from './sqlite.ts';
import { plannedUpgrade, type Upgrade } from './sqlite-upgrade.ts';
import { guard } from './store-error.ts';
import { finishSwap } from './store-swap.ts';

/** What `upgradeStore` would do; changes nothing. */
export function lookAtUpgrade(path: string, nowMs: number): Upgrade {
  return guard(path, () => {
    const db = new Database(path, { readonly: true, fileMustExist: true });
    try {
      refuseNewer(schemaVersion(db), path);
      return plannedUpgrade(db, path, nowMs);
    } finally {
      db.close();
    }
  });
}

/**
 * Looks at every page, then brings the database up to date. Only while nobody serves the store.
 * @throws BridgeError STORE_NO_ROOM, STORE_...
 */
export function upgradeStore(path: string, upgrade: UpgradeOptions): Upgrade {
  guard(path, () => finishSwap(path));
  const told: Upgrade[] = [];
  const before = lookAtUpgrade(path, upgrade.nowMs);
  openSqlite(path, {
    look: true,
    upgrade: {
      ...upgrade,
      tell: (one) => {
        told.push(one);
        upgrade.tell(one);
      },
    },
  }).close();
  return told[0] ?? before;
}
