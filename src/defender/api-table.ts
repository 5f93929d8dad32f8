import type { SourceName } from '../domain/detection.ts';
import type { RequestLimit } from './request-pace.ts';

/** What one of Microsoft's APIs needs, in the words of the Entra admin center. */
export interface ApiFacts {
  /** For messages. */
  readonly title: string;
  /** Where the permission is found under API permissions; null where the API has none of its own. */
  readonly entraName: string | null;
  /** Application permissions of which one is enough, the least privileged one first. Empty: none is known. */
  readonly permissions: readonly string[];
  /** Smallest request that proves token and permission, and that shows Microsoft's clock. */
  readonly probe: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Published limits, per app and tenant. */
  readonly limits: readonly RequestLimit[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DEFENDER_LIMITS: readonly RequestLimit[] = [
  { requests: 100, perMs: MINUTE_MS },
  { requests: 1_500, perMs: HOUR_MS },
];

export const API_TABLE: Readonly<Record<SourceName, ApiFacts>> = {
  /** defender-api 4, documented. */
  'graph-alerts': {
    title: 'Microsoft Graph',
    entraName: 'Microsoft Graph',
    permissions: ['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All'],
    probe: '/v1.0/security/alerts_v2?$top=1',
    // Without it newer words come as `unknownFutureValue`; nextLinks need it too.
    headers: { prefer: 'include-unknown-enum-members' },
    limits: [{ requests: 150, perMs: MINUTE_MS }],
  },
  /** defender-api 3, documented. */
  'defender-alerts': {
    title: 'Microsoft Defender for Endpoint',
    entraName: 'WindowsDefenderATP',
    permissions: ['Alert.Read.All', 'Alert.ReadWrite.All'],
    probe: '/api/alerts?$top=1',
    headers: {},
    limits: DEFENDER_LIMITS,
  },
  /**
   * defender-api 1.3, 1.6: an app of the portal's own, without a permission to grant. No limit is published: those of
   * Defender for Endpoint are kept (inferred). `limit` picks the newest, which is harmless in a probe only.
   */
  'siem-detections': {
    title: 'the SIEM API of Microsoft Defender for Endpoint',
    entraName: null,
    permissions: [],
    probe: '/api/alerts?limit=1',
    headers: {},
    limits: DEFENDER_LIMITS,
  },
};
