/**
 * Ages in the replay buffer, as bars: how many updates ago each chain was started anew. Shown only while there is a buffer.
 */

import { effect } from '@preact/signals-core';
import { html, nothing, render, svg } from 'lit';
import { bars } from './bars.js';
import { numberFormat } from './ticks.js';
import './chart.css';

/** @import {Frame} from '../engine/protocol.js' */
/** @import {Store} from '../state/store.js' */

/** Size of the drawing, in its own units; it is stretched to the width that there is. */
const WIDTH = 240;
const HEIGHT = 48;

/**
 * @param {object} options
 * @param {HTMLElement} options.element
 * @param {Store} options.store
 */
export function makeAges({ element, store }) {
  element.classList.add('ages');
  /** @type {Frame['buffer']} */
  let buffer = null;
  /** The objective that the buffer belongs to: the next one may have none, and frames do not take one back. */
  let owner = '';

  const draw = () => {
    element.hidden = !buffer || buffer.ages.length === 0 || store.config.value?.objective.id !== owner;
    if (!buffer || element.hidden) return;
    const text = numberFormat(store.locale.value);
    const { ages, edges } = buffer;
    const last = edges[edges.length - 1];
    render(
      html`<h3>${store.t('chart.ages')}</h3>
        <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${store.t('chart.agesAbout', { oldest: text(last) })}>
          ${bars(ages, WIDTH, HEIGHT).map(([x, y, w, h]) => svg`<rect x=${x} y=${y} width=${w} height=${h}/>`)}
        </svg>
        <p><span>${text(edges[0])}</span><span>${store.t('chart.updates')}</span><span>${text(last)}</span></p>`,
      element,
    );
  };
  const stop = effect(draw);

  return {
    /** @param {Frame} frame */
    update(frame) {
      const next = frame.buffer ?? null;
      if (next === buffer) return;
      buffer = next;
      owner = store.config.peek()?.objective.id ?? '';
      draw();
    },

    dispose() {
      stop();
      render(nothing, element);
    },
  };
}
