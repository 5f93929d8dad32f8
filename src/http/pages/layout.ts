import { type Html, html, htmlText } from './html.ts';
import { navigation, type Place } from './navigation.ts';
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
  /** Its place in the navigation. */
  readonly here?: Place;
  /** As wide as tables need it; otherwise as wide as text is read with ease. */
  readonly isWide?: boolean;
  /** Path of the one script that it runs, with its version. */
  readonly script?: string;
}

/** A whole document: heading, content, and who is signed in with a button to sign out. */
export function layout({ title, viewer, content, here, isWide, script }: Page): string {
  return htmlText(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - FlexBridge</title>
<link rel="stylesheet" href="${STYLESHEET_PATH}?v=${STYLESHEET_VERSION}">
${script === undefined ? null : html`<script src="${script}" defer></script>`}
</head>
<body${isWide ? html` class="wide"` : null}>
${viewer === null ? null : html`<a class="skip" href="#content">To the content</a>`}
<header><strong>FlexBridge</strong>${viewer === null ? null : html`${navigation(here ?? null)}${signOut(viewer)}`}</header>
<main id="content">
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
