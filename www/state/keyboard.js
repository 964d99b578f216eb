/** The page's keys. Fields, sliders and menus keep theirs; so does whatever has already used a key. */

/** @import {ClockActions} from './clock.js' */
/** @import {Store} from './store.js' */

/** Elements that use these keys themselves. */
const OWN_KEYS = 'input, select, textarea, dialog, [contenteditable]';

/** Elements that Space presses. */
const PRESSED = 'button, summary, a[href]';

/**
 * @param {object} options
 * @param {Store} options.store
 * @param {ClockActions} options.clock
 * @param {() => void} options.help
 * @returns {(event: KeyboardEvent) => void}
 */
export function keyHandler({ store, clock, help }) {
  /** @type {Record<string, (event: KeyboardEvent) => unknown>} */
  const keys = {
    ' ': () => clock.toggle(),
    ArrowRight: ({ shiftKey }) => clock.step(shiftKey ? 'update' : undefined),
    ArrowLeft: ({ shiftKey }) => clock.back(shiftKey ? 'update' : undefined),
    r: () => clock.reset(),
    s: () => clock.setSlow(!store.slow.value),
    '?': help,
  };

  return (event) => {
    const target = /** @type {Element | null} */ (event.target);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target?.closest(OWN_KEYS) || (event.key === ' ' && target?.closest(PRESSED))) return;
    const action = keys[event.key] ?? keys[event.key.toLowerCase()];
    if (!action || (event.repeat && event.key !== 'ArrowRight' && event.key !== 'ArrowLeft')) return;
    event.preventDefault();
    action(event);
  };
}
