/**
 * Ids of the endpoint product are numbers (`637551227677560813_-961444813`: .NET ticks and a signed integer). Since about
 * 2019 they carry the prefix `da`, which some APIs and older answers leave out (defender-api 1.4 and 4).
 */
const PREFIXED_NUMBER = /^da(\d{1,19}_-?\d{1,10})$/;

/**
 * What names an alert within a tenant, whichever API delivered it: the store's key, never shown. Ids are taken as they
 * are, case included; only the prefix that says nothing is left out. `da<guid>_1` and other providers' prefixes stay.
 */
export function alertIdentity(alertId: string): string {
  return PREFIXED_NUMBER.exec(alertId)?.[1] ?? alertId;
}
