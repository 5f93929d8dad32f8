export const CLOUD_NAMES = ['commercial', 'gcc', 'gcc-high', 'dod', 'custom'] as const;
export type CloudName = (typeof CLOUD_NAMES)[number];

/** Base URLs without trailing slash; Microsoft's paths follow. */
export interface Endpoints {
  readonly login: string;
  readonly graph: string;
}

const COMMERCIAL: Endpoints = { login: 'https://login.microsoftonline.com', graph: 'https://graph.microsoft.com' };

/** Microsoft's own hosts (defender-api 4). GCC (moderate) uses the commercial ones; `custom` has none of its own. */
export const CLOUDS: Readonly<Record<CloudName, Endpoints | null>> = {
  commercial: COMMERCIAL,
  gcc: COMMERCIAL,
  'gcc-high': { login: 'https://login.microsoftonline.us', graph: 'https://graph.microsoft.us' },
  dod: { login: 'https://login.microsoftonline.us', graph: 'https://dod-graph.microsoft.us' },
  custom: null,
};
