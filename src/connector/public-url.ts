import type { ConnectorAuthKind } from '../domain/connector-auth.ts';

/** An address below the bridge's public URL, which may end in a slash or carry a path of its own. */
export function publicAddress(publicUrl: string, path: string): string {
  return `${publicUrl.replace(/\/+$/, '')}${path}`;
}

/** Stands in the Events URL where the key goes; the administrator puts the real one there. */
export const URL_KEY_PLACEHOLDER = 'PUT-THE-URL-KEY-HERE';

/** The Events URL for the wizard. `$START_AT_TIME` stays as it is: the connector puts its own time there. */
export function eventsUrl(publicUrl: string, feed: string, login: ConnectorAuthKind = 'oauth2'): string {
  const key = login === 'urlKey' ? `key=${URL_KEY_PLACEHOLDER}&` : '';
  return publicAddress(publicUrl, `/v1/feeds/${feed}/detections?${key}since=$START_AT_TIME`);
}
