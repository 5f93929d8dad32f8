/** Read anew with every token request, so that a replaced file needs no restart. Throws a BridgeError. */
export type Reader<Value> = () => Promise<Value>;

export interface CertificateMaterial {
  /** PEM, leaf first, then its chain. */
  readonly certificatePem: string;
  /** PEM, PKCS#8 or older. */
  readonly privateKeyPem: string;
  readonly passphrase: string | null;
}

/** How the bridge signs in at Microsoft for one tenant. Of two secrets or certificates the first that works is used. */
export type Credential =
  | { readonly kind: 'secret'; readonly clientId: string; readonly secrets: readonly Reader<string>[] }
  | {
      readonly kind: 'certificate';
      readonly clientId: string;
      readonly certificates: readonly Reader<CertificateMaterial>[];
    }
  | { readonly kind: 'workload-identity'; readonly clientId: string; readonly assertion: Reader<string> }
  | {
      readonly kind: 'managed-identity';
      /** Of a user-assigned identity; null for the system-assigned one. */
      readonly clientId: string | null;
      readonly endpoint: ManagedIdentityEndpoint;
    };

/** Where a managed identity gets its tokens. Both speak plain http to the machine itself. */
export type ManagedIdentityEndpoint =
  /** Base URL, for example http://169.254.169.254. */
  | { readonly kind: 'imds'; readonly url: string }
  /** The whole URL that App Service gives in IDENTITY_ENDPOINT, and the value of IDENTITY_HEADER. */
  | { readonly kind: 'app-service'; readonly url: string; readonly header: Reader<string> };

/** HTTP CONNECT proxy of one tenant. */
export interface ProxyAccess {
  /** http or https URL without credentials. */
  readonly url: string;
  /** Null for a proxy that asks for none. */
  readonly login: { readonly user: string; readonly password: Reader<string> } | null;
  /** Hosts that are reached directly: names, `.suffix`, addresses, CIDR ranges, each with an optional `:port`. */
  readonly bypass: readonly string[];
}
