import type { PackLogin, PackSettings } from '../pack-settings.ts';

/** What is seen, what it is, what to do. */
type Row = readonly [seen: string, what: string, cure: string];

/** Step 7 of INSTALL.md. */
export function troublePart(settings: PackSettings): string {
  const rows = [...common(settings), ...ofLogin(settings), ...late(settings)];
  return `
## 7. When no event arrives

Look into \`$ARCSIGHT_HOME/logs/agent.log\` for ERROR, FATAL and WARN, and at \`flexbridge doctor\` on the bridge.

| what you see | what it is | what to do |
|---|---|---|
${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`;
}

function common({ login: { connector } }: PackSettings): readonly Row[] {
  return [
    [
      `\`flexbridge doctor\`: \`${connector}\` never asked`,
      'the connector does not reach the bridge, or is not running',
      'test the address of step 1 from the connector machine; check the proxy fields',
    ],
    [
      '`PKIX`, `SSLHandshakeException` or "certificate" in the log (no public source)',
      "the bridge's certificate is not trusted",
      'step 4; then restart the connector',
    ],
  ];
}

function ofLogin({ feed, login }: PackSettings): readonly Row[] {
  if (login.kind === 'oauth2') return oauth2Rows(feed, login);
  return [
    ['the log names the status 401 (inferred)', 'the login is wrong', LOGIN_CURES[login.kind](login.connector)],
    [
      'a browser opens, or "refresh token" in the log',
      'the wizard was set to OAuth2',
      'run the wizard again with the answers of step 5',
    ],
  ];
}

const LOGIN_CURES: Readonly<Record<Exclude<PackLogin['kind'], 'oauth2'>, (connector: string) => string>> = {
  basic: (connector) => `step 2; the user is \`${connector}\``,
  mtls: () => 'step 2: the connector must show the very certificate that the bridge knows',
  urlKey: () => 'step 2; the key in the Events URL, and `server.urlKeys` of the bridge',
};

function oauth2Rows(feed: string, { connector }: PackLogin): readonly Row[] {
  return [
    [
      '`Failed to refresh the token. Set reauthenticate to true` with `status=HTTP/1.1 400 Bad Request`, then `FATAL EXCEPTION: Could not refresh the access token`',
      'the refresh token was revoked, or belongs to another login; or the client id or secret is wrong (`flexbridge audit` says which). The connector gives up; it does not try again by itself',
      `a new one: \`flexbridge token create --connector ${connector}\`, and paste it in the wizard (*Modify Connector*). Or stop the connector, set \`reauthenticate=true\` in \`${feed}.properties\`, run \`arcsight connectors\` and sign in in the browser; set it back to \`false\` (inferred), and restart once more to see that no browser opens`,
    ],
    [
      'the same with the status 401 (inferred)',
      'the client id or secret is wrong or was rotated',
      `step 2; \`client_id\` and \`client_secret\` in \`${feed}.properties\``,
    ],
    [
      'the same with the status 503 (inferred)',
      'the bridge could not decide at that moment',
      'nothing is lost; start the connector again once `flexbridge doctor` is content',
    ],
    ['`Option value is missing for -config`', '`restutil` was given no file', 'give the path behind `-config`'],
    [
      'the browser shows an error of the bridge about `redirect_uri`',
      'the address is not one that this login may use',
      `\`redirect_uri\` in \`${feed}.properties\` must be as the pack has it; only its port may differ`,
    ],
    [
      'the browser warns of, or hangs at, `localhost`',
      "with an `https` `redirect_uri` it does not trust the connector's own certificate",
      'accept it there, or use the `http` form of the address',
    ],
  ];
}

function late({ feed }: PackSettings): readonly Row[] {
  return [
    [
      'the log names the status 404 (inferred)',
      "the feed's name in the Events URL is wrong",
      'step 5, the Events URL as printed',
    ],
    [
      'the bridge counts events as given, ESM shows none',
      'parser not found or not read',
      `Configuration File must be \`${feed}\`; the file must be in \`flexagent\`; look for its name in the log`,
    ],
    [
      'events without a name or severity',
      'another parser file',
      `copy \`${feed}.jsonparser.properties\` again, restart`,
    ],
    ['events without categories', 'categorizer not found', 'its folder and name must be those of step 3; restart'],
  ];
}
