import { html } from './html.ts';
import { hidden, type Page } from './layout.ts';

export interface SignInForm {
  readonly csrf: string;
  /** Path on this server to go on to. */
  readonly returnTo: string;
  /** As it was typed before; it stays in the form. */
  readonly name: string;
  /** Why the form is there again. */
  readonly problem: string | null;
}

/** Name and password of an operator. */
export function signInPage({ csrf, returnTo, name, problem }: SignInForm): Page {
  return {
    title: 'Sign in',
    viewer: null,
    content: html`${problem === null ? null : html`<p class="wrong" role="alert" id="problem">${problem}</p>`}
<p>For operators of this bridge. Your name and password are those of <code>operators</code> in its configuration, or of the file initial-credentials that the first start has written.</p>
<form method="post" action="/signin">
${hidden('csrf', csrf)}${hidden('return', returnTo)}
<label for="name">Name</label>
<input id="name" name="name" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<div class="actions"><button>Sign in</button></div>
</form>`,
  };
}
