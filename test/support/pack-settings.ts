import type { PackLogin, PackSettings } from '../../src/connector/pack-settings.ts';
import { DEFAULT_CHOICES } from '../../src/domain/arcsight-choices.ts';

/** Of the kind that is the default, and of the three others. */
export const PACK_LOGINS = {
  oauth2: {
    kind: 'oauth2',
    connector: 'arcsight-07',
    clientId: 'client-7',
    redirectUri: 'https://localhost:44300/flexbridge',
  },
  basic: { kind: 'basic', connector: 'arcsight-07' },
  mtls: { kind: 'mtls', connector: 'arcsight-07' },
  urlKey: { kind: 'urlKey', connector: 'arcsight-07' },
} as const satisfies Record<string, PackLogin>;

/** The settings of a default feed, but for what is given. */
export function packSettings(changes: Partial<PackSettings> = {}): PackSettings {
  return {
    feed: 'default',
    layout: 'microsoft',
    receiptTime: 'feed',
    choices: DEFAULT_CHOICES,
    publicUrl: 'https://bridge.example:8443',
    login: PACK_LOGINS.oauth2,
    caPem: null,
    ...changes,
  };
}
