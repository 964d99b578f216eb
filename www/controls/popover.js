/** Small menus that hang from a button: a <details> that closes on Escape, on a click elsewhere and when the focus leaves. */

/** @param {HTMLElement} root Where the menus live. */
export function closePopovers(root) {
  const opened = () => /** @type {NodeListOf<HTMLDetailsElement>} */ (root.querySelectorAll('details.popover[open]'));

  root.addEventListener('pointerdown', ({ target }) => {
    for (const menu of opened()) if (!menu.contains(/** @type {Node} */ (target))) menu.open = false;
  });
  root.addEventListener('focusin', ({ target }) => {
    for (const menu of opened()) if (!menu.contains(/** @type {Node} */ (target))) menu.open = false;
  });
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    for (const menu of opened()) {
      menu.open = false;
      menu.querySelector('summary')?.focus();
      event.stopPropagation();
    }
  });
}
