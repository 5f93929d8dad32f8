import { createHash } from 'node:crypto';
import { EVENTS_STYLE } from './events-style.ts';
import { STATUS_STYLES } from './status-styles.ts';

const BASIC_STYLES = `:root {
  color-scheme: light dark;
  --text: light-dark(#1b1f24, #e6e9ee);
  --faint: light-dark(#57606a, #a0a9b5);
  --page: light-dark(#f4f6f8, #14171b);
  --card: light-dark(#ffffff, #1d2127);
  --line: light-dark(#8c959f, #5a6470);
  --accent: light-dark(#0b57d0, #8ab4f8);
  --on-accent: light-dark(#ffffff, #0b1220);
  --wrong: light-dark(#a40e26, #ff9d94);
  --warn: light-dark(#7a4d00, #e8b84a);
  --good: light-dark(#12692b, #62d27c);
  --rule: light-dark(#d5dae0, #363d47);
  --bar: light-dark(#0b57d0, #8ab4f8);
  --bar-pale: light-dark(#b3cbf3, #33507c);
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--page);
  color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere;
}
header, main { max-width: 40rem; margin: 0 auto; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; justify-content: space-between; }
header strong { font-size: 1.1rem; }
header form { display: flex; gap: 0.75rem; align-items: center; color: var(--faint); }
main { background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; padding: 1.5rem; }
h1 { margin: 0 0 1rem; font-size: 1.4rem; line-height: 1.25; }
h2 { margin: 1.5rem 0 0.5rem; font-size: 1.1rem; }
a { color: var(--accent); }
label { display: block; margin: 1rem 0 0.25rem; font-weight: 600; }
input {
  width: 100%;
  padding: 0.6rem;
  border: 1px solid var(--line);
  border-radius: 0.3rem;
  background: var(--page);
  color: inherit;
  font: inherit;
}
button {
  padding: 0.6rem 1.2rem;
  border: 1px solid var(--accent);
  border-radius: 0.3rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}
button.second { background: transparent; color: var(--accent); }
header button { padding: 0.25rem 0.75rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem; margin-top: 1.5rem; }
.wrong { border-left: 4px solid var(--wrong); padding-left: 0.75rem; color: var(--wrong); font-weight: 600; }
.faint { color: var(--faint); }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0.25rem 1rem; margin: 1rem 0; }
dt { color: var(--faint); }
dd { margin: 0; }
@media (max-width: 30rem) {
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: 0.5rem; }
  .actions button { width: 100%; }
}
`;

/** The one stylesheet of all pages: the system's fonts and colours, nothing loaded from anywhere. */
export const STYLESHEET = BASIC_STYLES + STATUS_STYLES + EVENTS_STYLE;

/** Changes with the text, so that a browser may keep what it has for ever. */
export const STYLESHEET_VERSION = createHash('sha256').update(STYLESHEET).digest('hex').slice(0, 16);

export const STYLESHEET_PATH = '/assets/flexbridge.css';
