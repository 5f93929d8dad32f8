import { type Html, html, htmlText } from './html.ts';
import { STYLESHEET_PATH, STYLESHEET_VERSION } from './stylesheet.ts';

/** The operator a page is for. */
export interface Viewer {
  readonly operator: string;
  /** Of the session; the button that signs out sends it. */
  readonly csrf: string;
}

export interface Page {
  /** Also the heading. */
  readonly title: string;
  /** Null: nobody has signed in. */
  readonly viewer: Viewer | null;
  readonly content: Html;
}

/** A whole document: heading, content, and who is signed in with a button to sign out. */
export function layout({ title, viewer, content }: Page): string {
  return htmlText(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - FlexBridge</title>
<link rel="stylesheet" href="${STYLESHEET_PATH}?v=${STYLESHEET_VERSION}">
</head>
<body>
<header><strong>FlexBridge</strong>${viewer === null ? null : signOut(viewer)}</header>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`);
}

function signOut({ operator, csrf }: Viewer): Html {
  return html`<form method="post" action="/signout">${hidden('csrf', csrf)}<span>${operator}</span><button class="second">Sign out</button></form>`;
}

export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}
