import { join } from 'node:path';
import { accessGrants } from './access-grants.ts';
import { accessLogins } from './access-logins.ts';
import { openAccessDatabase } from './access-schema.ts';
import type { AccessStore } from './access-store.ts';
import { type DatabaseRole, guard } from './store-error.ts';

const LOGINS: DatabaseRole = {
  name: 'the database of logins',
  whenDamaged:
    'It holds the logins that FlexBridge made; no event is in it. Restore a backup of it, or move it aside and start: new logins are written to initial-credentials, for the connector and for you.',
};

/**
 * `<data>/access.db`, mode 0600. Throws a BridgeError when it cannot be opened.
 * @param options `serving`: others are waiting for this process, so it does not wait long for a lock of another one
 */
export function openAccessStore(dataDir: string, { serving = false } = {}): AccessStore {
  const path = join(dataDir, 'access.db');
  const guarded = <Result>(work: () => Result): Result => guard(path, work, LOGINS);
  return guarded(() => {
    const db = openAccessDatabase(path, { serving });
    const logins = accessLogins(db);
    const grants = accessGrants(db);
    const dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck();
    // data_version tells of the commits of others only (sqlite.org/pragma.html#pragma_data_version).
    let ownChanges = 0;
    const changing = <Result>(work: () => Result): Result => {
      const result = guarded(work);
      ownChanges += 1;
      return result;
    };
    return {
      version: () => guarded(() => `${dataVersion.get() ?? 0}.${ownChanges}`),
      connectors: () => guarded(logins.connectors),
      operators: () => guarded(logins.operators),
      putConnector: (connector) => {
        changing(() => {
          logins.putConnector(connector);
        });
      },
      removeConnector: (name) => changing(() => logins.removeConnector(name)),
      addOperator: (operator) => {
        changing(() => {
          logins.addOperator(operator);
        });
      },
      signingKey: () => guarded(grants.signingKey),
      putCode: (code) => {
        guarded(() => {
          grants.putCode(code);
        });
      },
      takeCode: (codeHash) => guarded(() => grants.takeCode(codeHash)),
      putRefreshToken: (token) => {
        changing(() => {
          grants.putRefreshToken(token);
        });
      },
      refreshToken: (tokenHash) => guarded(() => grants.refreshToken(tokenHash)),
      refreshTokens: () => guarded(grants.refreshTokens),
      hasGrant: (grant) => guarded(() => grants.hasGrant(grant)),
      replaceRefreshToken: (tokenHash, successor) => {
        changing(() => {
          grants.replaceRefreshToken(tokenHash, successor);
        });
      },
      noteUse: (tokenHash, nowMs) => {
        guarded(() => {
          grants.noteUse(tokenHash, nowMs);
        });
      },
      revokeGrant: (grant) => changing(() => grants.revokeGrant(grant)),
      close: () => {
        db.close();
      },
    };
  });
}
