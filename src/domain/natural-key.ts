/**
 * Natural keys: the parts that name a thing (a process: device, id, start, ...). Microsoft fills empty parts in
 * later versions of an alert, so an empty part agrees with anything.
 */

/** True when no part contradicts and at least one part that names more than the device is the same. */
export function agree(a: readonly string[], b: readonly string[], deviceId?: string): boolean {
  return !conflict(a, b) && shared(a, b, deviceId) > 0;
}

/** True when some part is filled on both sides and differs. */
export function conflict(a: readonly string[], b: readonly string[]): boolean {
  return a.some((part, index) => part !== '' && (b[index] ?? '') !== '' && b[index] !== part);
}

/** How many parts are the same; the device alone names nothing. */
export function shared(a: readonly string[], b: readonly string[], deviceId?: string): number {
  const device = deviceId?.toLowerCase();
  return a.filter((part, index) => part !== '' && part === b[index] && part !== device).length;
}

/** False when every part is empty: the key tells the thing from no other. */
export function isNamed(key: readonly string[]): boolean {
  return key.some((part) => part !== '');
}

export function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
