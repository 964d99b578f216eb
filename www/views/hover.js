/**
 * The value under the cursor. The engine is asked for energy, density and score at the very point, one question at a time:
 * while an answer is out, only the newest place waits. While training runs under a resting cursor, it asks again.
 */

import { effect } from '@preact/signals-core';
import { html, nothing, render } from 'lit';
import { numberFormat } from './ticks.js';

/** @import {Store} from '../state/store.js' */
/** @import {Transform} from './transform.js' */

/** Milliseconds between questions for a cursor that rests. */
const REST = 200;

/**
 * @param {object} options
 * @param {HTMLElement} options.element The plot.
 * @param {Store} options.store
 * @param {() => Transform} options.transform
 */
export function makeHover({ element, store, transform }) {
  const host = document.createElement('output');
  host.className = 'readout';
  // For those who see the cursor; screen readers hear of points through the plot's description.
  host.setAttribute('aria-hidden', 'true');
  element.append(host);
  /** Where the cursor is, CSS pixels of the plot. @type {[number, number] | null} */
  let cursor = null;
  let asking = false;
  let stale = false;
  let askedAt = 0;
  /** @type {[number, number] | null} */
  let score = null;

  const ask = async () => {
    if (cursor === null) return;
    if (asking) {
      stale = true;
      return;
    }
    asking = true;
    stale = false;
    askedAt = performance.now();
    const t = transform();
    const [x, y] = [t.worldX(cursor[0]), t.worldY(cursor[1])];
    try {
      const { energy, density, score: s } = await store.engine.probe([x, y]);
      score = [s[0], s[1]];
      if (cursor !== null) store.hover.value = { x, y, energy, density };
    } catch {
      // The engine is being restarted: the page says so, and the next move of the cursor asks again.
      store.hover.value = null;
    }
    asking = false;
    if (stale) ask();
  };

  /** @param {PointerEvent} event */
  const onMove = (event) => {
    // A finger covers what it points at; the read-out is for pointers that hover.
    if (event.pointerType === 'touch') return;
    const box = element.getBoundingClientRect();
    cursor = [event.clientX - box.left, event.clientY - box.top];
    ask();
  };
  const onLeave = () => {
    cursor = null;
    store.hover.value = null;
  };
  element.addEventListener('pointermove', onMove);
  element.addEventListener('pointerleave', onLeave);

  const stopText = effect(() => {
    const at = store.hover.value;
    host.hidden = at === null;
    if (at === null) return;
    const text = numberFormat(store.locale.value);
    const { t } = store;
    render(
      html`<span><i>x</i> ${at.x.toFixed(2).replace('-', '−')}, ${at.y.toFixed(2).replace('-', '−')}</span>
        ${at.energy !== null ? html`<span><i>E</i> ${text(at.energy)} ${t('plot.nats')}</span><span><i>p</i> ${text(at.density)}</span>` : nothing}
        ${score && html`<span><i>${at.energy === null ? 's' : '−∇E'}</i> ${text(score[0])}, ${text(score[1])}</span>`}`,
      host,
    );
  });

  return {
    /** Asks again for a resting cursor when the landscape has changed. */
    landscapeChanged() {
      if (cursor !== null && performance.now() - askedAt > REST) ask();
    },

    dispose() {
      element.removeEventListener('pointermove', onMove);
      element.removeEventListener('pointerleave', onLeave);
      stopText();
      host.remove();
    },
  };
}
