import { createHash } from 'node:crypto';

/**
 * The one script of the status page: asks for the regions every few seconds and brings the page up to date in place, so
 * that focus, folded parts and scrolling stay as they are. Plain text and not compiled: it is for browsers, the only file
 * here that is. What comes from the bridge is escaped there and parsed in a document of its own, where nothing runs.
 */
export const LIVE_SCRIPT = `'use strict';
(() => {
  const EVERY_MS = 5000;
  const LONGEST_MS = 60000;
  const TIMEOUT_MS = 20000;
  const live = document.getElementById('live');
  const note = document.getElementById('connection');
  let timer = 0;
  let failures = 0;
  let busy = false;
  let again = false;

  const taken = () => document.getElementById('taken').textContent;

  /** A live region: written only when it changes, or it would be read out each time. */
  function tell(text, link) {
    if (note.dataset.text === text) return;
    note.dataset.text = text;
    note.textContent = text;
    if (link) note.append(' ', link);
  }

  function tellSessionIsOver() {
    const link = document.createElement('a');
    link.href = '/signin?return=' + encodeURIComponent(location.pathname + location.search);
    link.textContent = 'Sign in';
    tell('Your session is over. What you see is from ' + taken() + '.', link);
  }

  async function ask() {
    const answer = await fetch('/status/live' + location.search, {
      redirect: 'manual',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.type === 'opaqueredirect') return 'over';
    if (!answer.ok) throw new Error('status ' + answer.status);
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('live');
    if (next === null) throw new Error('no regions');
    update(next);
    return 'new';
  }

  async function refresh() {
    clearTimeout(timer);
    again = busy;
    if (busy) return;
    busy = true;
    const startedMs = performance.now();
    let waitMs = LONGEST_MS;
    try {
      if ((await ask()) === 'over') {
        tellSessionIsOver();
      } else {
        failures = 0;
        tell('');
        // A large page is asked for less often.
        waitMs = Math.max(EVERY_MS, 10 * (performance.now() - startedMs));
      }
    } catch {
      failures += 1;
      waitMs = Math.min(EVERY_MS * 2 ** (failures - 1), LONGEST_MS);
      tell('The bridge does not answer. What you see is from ' + taken() + '; it is asked again.');
    } finally {
      busy = false;
      if (again) refresh();
      else if (!document.hidden) timer = setTimeout(refresh, waitMs);
    }
  }

  function update(next) {
    for (const section of next.querySelectorAll('section')) {
      const old = document.getElementById(section.id);
      if (old.dataset.version !== section.dataset.version) morph(old, section);
      else copyTimes(old, section);
    }
    morph(document.getElementById('taken'), next.querySelector('#taken'));
    showSentence();
  }

  /** The same moments, told anew. */
  function copyTimes(old, next) {
    const words = next.querySelectorAll('time');
    old.querySelectorAll('time').forEach((time, index) => {
      if (time.textContent !== words[index].textContent) time.textContent = words[index].textContent;
    });
  }

  /** Makes an element equal to another and leaves alone what is equal already. */
  function morph(old, next) {
    for (const { name } of [...old.attributes]) {
      if (!next.hasAttribute(name) && !(name === 'open' && old.tagName === 'DETAILS')) old.removeAttribute(name);
    }
    for (const { name, value } of next.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    let place = old.firstChild;
    for (const child of next.childNodes) {
      while (place !== null && place.id && next.querySelector('#' + CSS.escape(place.id)) === null) {
        const gone = place;
        place = place.nextSibling;
        gone.remove();
      }
      const match = partner(child, place, old);
      if (match === null) {
        old.insertBefore(document.importNode(child, true), place);
        continue;
      }
      if (match === place) place = place.nextSibling;
      else old.insertBefore(match, place);
      if (match.nodeType === Node.ELEMENT_NODE) morph(match, child);
      else if (match.data !== child.data) match.data = child.data;
    }
    while (place !== null) {
      const gone = place;
      place = place.nextSibling;
      gone.remove();
    }
  }

  /** What a piece of the new page was before: the same id, or else the same kind at the same place. */
  function partner(child, place, parent) {
    if (child.id) {
      const known = document.getElementById(child.id);
      return known !== null && known.parentNode === parent && known.tagName === child.tagName ? known : null;
    }
    return place !== null && !place.id && place.nodeName === child.nodeName ? place : null;
  }

  /** For the tab of a browser that shows something else. */
  function showSentence() {
    const title = document.getElementById('sentence').textContent + ' - FlexBridge';
    if (document.title !== title) document.title = title;
  }

  document.addEventListener('click', (event) => {
    const link = event.target.closest('#ranges a');
    if (link === null || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.replaceState(null, '', link.href);
    refresh();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) clearTimeout(timer);
    else refresh();
  });
  document.getElementById('how').textContent = 'The page keeps itself up to date.';
  showSentence();
  timer = setTimeout(refresh, EVERY_MS);
})();
`;

/** Changes with the text, so that a browser may keep what it has for ever. */
export const LIVE_SCRIPT_VERSION = createHash('sha256').update(LIVE_SCRIPT).digest('hex').slice(0, 16);

export const LIVE_SCRIPT_PATH = '/assets/status.js';
