/** An address below the bridge's public URL, which may end in a slash or carry a path of its own. */
export function publicAddress(publicUrl: string, path: string): string {
  return `${publicUrl.replace(/\/+$/, '')}${path}`;
}

/** The Events URL for the wizard. `$START_AT_TIME` stays as it is: the connector puts its own time there. */
export function eventsUrl(publicUrl: string, feed: string): string {
  return publicAddress(publicUrl, `/v1/feeds/${feed}/detections?since=$START_AT_TIME`);
}
