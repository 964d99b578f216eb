/** What can be done with the chosen points, for pointers without a Delete key: a small bar at the plot's upper edge. */

import { effect } from '@preact/signals-core';
import { html, render } from 'lit';
import { numberFormat } from '../views/ticks.js';

/** @import {Store} from '../state/store.js' */

/**
 * @param {object} options
 * @param {HTMLElement} options.element The plot.
 * @param {Store} options.store
 */
export function makeSelectionBar({ element, store }) {
  const host = document.createElement('div');
  host.className = 'selection-bar';
  element.append(host);

  const stop = effect(() => {
    const { size } = store.selection.value;
    const text = numberFormat(store.locale.value);
    // One point is dragged, not managed: the bar is for what a lasso caught.
    host.hidden = size < 2;
    if (host.hidden) return;
    render(
      html`<span>${store.t('plot.selected', { count: text(size) })}</span>
        <button type="button" @click=${() => store.edit.remove(store.selection.peek())}>${store.t('edit.delete')}</button>
        <button type="button" @click=${() => {
          store.selection.value = new Set();
        }}>${store.t('edit.deselect')}</button>`,
      host,
    );
  });

  return {
    dispose() {
      stop();
      host.remove();
    },
  };
}
