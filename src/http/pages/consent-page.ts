import { type Html, html } from './html.ts';
import { hidden, type Page, type Viewer } from './layout.ts';

export interface ConsentForm {
  readonly viewer: Viewer;
  readonly connector: string;
  readonly clientId: string;
  readonly feeds: readonly string[];
  readonly redirectUri: string;
  /** The request as it came; the form sends it again. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Who asks, for which feeds, what it may do, and where the answer goes. */
export function consentPage({ viewer, connector, clientId, feeds, redirectUri, parameters }: ConsentForm): Page {
  return {
    title: `Let ${connector} read events?`,
    viewer,
    content: html`<p>The ArcSight connector <strong>${connector}</strong> asks for a login to this bridge.</p>
<dl>
<dt>Connector</dt><dd>${connector}</dd>
<dt>Client id</dt><dd>${clientId}</dd>
<dt>Feeds</dt><dd>${feeds.length === 0 ? 'none' : feeds.join(', ')}</dd>
<dt>Answer goes to</dt><dd>${redirectUri}</dd>
</dl>
<h2>What it may do</h2>
<ul>
<li>Read the events of these feeds; what it has read counts as delivered.</li>
<li>Renew its login by itself, until it is revoked: <code>flexbridge token revoke</code>.</li>
</ul>
<p>It cannot read other feeds or the status, and it can change no setting.</p>
<p class="faint">The answer goes to a program on the computer that you sit at. Allow this only if you, or the person next to you, have just set up this connector here.</p>
<form method="post" action="/oauth2/authorize">
${hidden('csrf', viewer.csrf)}${[...parameters].map(([name, value]): Html => hidden(name, value))}
<div class="actions">
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny" class="second">Deny</button>
</div>
</form>`,
  };
}
