import type { ArcSightChoices } from '../domain/arcsight-choices.ts';
import type { ConnectorAuth } from '../domain/connector-auth.ts';
import type { SourceName } from '../domain/detection.ts';
import type { Layout, ReceiptTime } from '../domain/field.ts';
import type { LogFormat, LogLevel } from '../domain/log-settings.ts';
import type { Severity } from '../domain/severity.ts';
import type { CloudName, Endpoints, Scopes } from './clouds.ts';
import type { ConfigWarning } from './report.ts';
import type { Secret } from './secret.ts';

/** The configuration as the program uses it: checked, complete, frozen. Paths are absolute, durations milliseconds. */
export interface Config {
  /** The YAML file it was read from; null when there is none. */
  readonly file: string | null;
  /** Folder of the database; the bridge keeps its own files there. */
  readonly dataDir: string;
  readonly server: ServerConfig;
  readonly log: LogConfig;
  readonly store: StoreConfig;
  readonly tenants: readonly TenantConfig[];
  readonly feeds: readonly FeedConfig[];
  readonly alarms: AlarmConfig;
  readonly connectors: readonly ConnectorConfig[];
  readonly operators: readonly OperatorConfig[];
  /** Doubtful but taken. */
  readonly warnings: readonly ConfigWarning[];
}

export interface ServerConfig {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Base URL without trailing slash. With port 0 and no publicUrl configured it ends in `:0`. */
  readonly publicUrl: string;
  readonly tls: TlsConfig;
  /** IP addresses and CIDR ranges of the proxies whose `X-Forwarded-For` counts. */
  readonly trustProxy: readonly string[];
  /** Whether keys in URLs are taken. */
  readonly urlKeys: boolean;
  /** A port of its own for probes, plain http without a login; null: none. */
  readonly health: { readonly host: string; readonly port: number } | null;
}

export interface LogConfig {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** JSON lines are appended there; null: nowhere. */
  readonly auditFile: string | null;
}

export type TlsConfig =
  | {
      readonly kind: 'files';
      readonly certFile: string;
      readonly keyFile: string;
      readonly clientCaFile: string | null;
    }
  | { readonly kind: 'self-made'; readonly folder: string }
  | { readonly kind: 'off' };

export interface StoreConfig {
  readonly kind: 'sqlite';
  readonly path: string;
  readonly retention: RetentionConfig;
}

/** `sizeBytes`: null for no limit. */
export interface RetentionConfig {
  readonly ageMs: number;
  readonly sizeBytes: number | null;
  readonly undeliveredMs: number;
}

/** From when on silence is a finding; null: never. */
export interface AlarmConfig {
  /** A connector that stopped asking: a warning, and a failure after `connectorFailedMs`. */
  readonly connectorSilentMs: number;
  readonly connectorFailedMs: number;
  /** A connector that asks but was delivered nothing; heartbeats count. */
  readonly nothingDeliveredMs: number | null;
  /** Events that wait for a connector, in age of the oldest. */
  readonly undeliveredMs: number | null;
  /** Free space of the store's disk, in bytes: less is a warning, less than a tenth of it a failure. */
  readonly freeBytes: number | null;
}

export interface TenantConfig {
  readonly name: string;
  /** Lower case: a GUID or a domain name. */
  readonly tenantId: string;
  readonly cloud: CloudName;
  readonly endpoints: Endpoints;
  /** What a token is asked for, by API: `https://graph.microsoft.com/.default` and the like. */
  readonly scopes: Scopes;
  /** Extra CA certificates, PEM. */
  readonly caPem: string | null;
  readonly proxy: ProxyConfig | null;
  readonly credential: CredentialConfig;
  readonly sources: readonly SourceConfig[];
}

/** A secret text: given in the configuration, or in a file that is read anew whenever it is needed. */
export type SecretText =
  | { readonly kind: 'given'; readonly secret: Secret }
  | { readonly kind: 'file'; readonly path: string };

/** How a tenant signs in. Two secrets or certificates may be live: the first that works is used. */
export type CredentialConfig =
  | {
      readonly kind: 'secret';
      readonly clientId: string;
      readonly secrets: readonly {
        readonly text: SecretText;
        /** Start of the day it expires (UTC), epoch ms; null when nobody said. */
        readonly expiresMs: number | null;
      }[];
    }
  | {
      readonly kind: 'certificate';
      readonly clientId: string;
      readonly certificates: readonly {
        /** PEM: the certificate with its chain, and the key unless that has a file of its own. */
        readonly certificateFile: string;
        readonly keyFile: string;
        readonly passphrase: SecretText | null;
      }[];
    }
  | { readonly kind: 'workload-identity'; readonly clientId: string; readonly tokenFile: string }
  | {
      readonly kind: 'managed-identity';
      readonly clientId: string | null;
      readonly endpoint:
        | { readonly kind: 'imds'; readonly url: string }
        | { readonly kind: 'app-service'; readonly url: string; readonly header: Secret };
    };

/** HTTP CONNECT proxy of a tenant. */
export interface ProxyConfig {
  /** Without credentials. */
  readonly url: string;
  readonly login: { readonly user: string; readonly password: SecretText } | null;
  /** Hosts that are reached without it. */
  readonly bypass: readonly string[];
  /** Variable of the environment that names it; null when the configuration does. */
  readonly variable: string | null;
}

export interface SourceConfig {
  readonly api: SourceName;
  /** Cron, five fields, or six with seconds first. */
  readonly schedule: string;
  readonly overlapMs: number;
  readonly settleMs: number;
  readonly initialLookbackMs: number;
  readonly sliceMs: number;
  readonly rescan: { readonly everyMs: number; readonly reachMs: number } | null;
  /** Most pages that one poll reads. */
  readonly budgetPages: number;
}

export interface FeedConfig {
  readonly name: string;
  readonly tenantNames: readonly string[];
  readonly detections: 'perEvidence' | 'perAlert';
  readonly changes: 'first' | 'significant' | 'all';
  readonly layout: Layout;
  readonly receiptTime: ReceiptTime;
  /** What is chosen differently from the catalogue. */
  readonly arcsight: ArcSightChoices;
  readonly page: { readonly maxEvents: number; readonly maxBytes: number };
  readonly acknowledge: 'progress' | 'response' | 'none';
  /** `update` events on the old API's path and parameter names too. */
  readonly legacyUpdates: boolean;
  /** Every so often an event of the bridge's own; null: none. */
  readonly heartbeatMs: number | null;
  readonly initialLookbackMs: number;
  readonly maxLookbackMs: number;
  readonly minSeverity: Severity;
  /** Lower case; empty takes every category. */
  readonly categories: readonly string[];
}

export interface ConnectorConfig {
  readonly name: string;
  /** Names of the feeds that it may read. */
  readonly feeds: readonly string[];
  /** The live hashes, the newer first. */
  readonly auth: ConnectorAuth;
}

interface OperatorConfig {
  readonly name: string;
  /** `$scrypt$ln=15,r=8,p=1$<salt>$<hash>`, base64 without padding. */
  readonly passwordHash: string;
}
