/**
 * The legend: one sentence about what is seen, whose words switch the layers, and the colour bar with its values. A switched-off
 * word stays in its place, struck through, so that the sentence is also the way back.
 */

import { effect, untracked } from '@preact/signals-core';
import { html, nothing, render } from 'lit';
import './legend.css';
import { cssColour } from './colour.js';
import { colourBar } from './colour-bar.js';
import { GLYPHS } from './glyphs.js';
import { colourScale } from './scale.js';
import { fragments } from './sentence.js';

/** @import {Store, Layer} from '../state/store.js' */
/** @import {Frame} from '../engine/protocol.js' */

/** Milliseconds between two versions of the numbers. */
const PAUSE = 120;

/**
 * @param {object} options
 * @param {HTMLElement} options.element
 * @param {Store} options.store
 */
export function makeLegend({ element, store }) {
  element.classList.add('legend');
  const scale = colourScale(store);
  let drawn = 0;
  let timer = 0;

  /** @param {Layer} layer */
  const toggle = (layer) => {
    const layers = store.layers.peek();
    store.layers.value = { ...layers, [layer]: !layers[layer] };
  };

  /** @param {string} name */
  const word = (name) => {
    const layer = /** @type {Layer} */ (name);
    const key = layer === 'landscape' ? `legend.${store.colour.value.quantity}Landscape` : `legend.${layer}`;
    return html`<button
      type="button"
      class="legend-word"
      data-layer=${layer}
      aria-pressed=${String(store.layers.value[layer])}
      title=${store.t(`legend.about.${layer}`)}
      @click=${() => toggle(layer)}
    ><svg viewBox="0 0 16 16" aria-hidden="true">${GLYPHS[layer]}</svg><span class="word">${store.t(key)}</span></button>`;
  };

  const draw = () => {
    clearTimeout(timer);
    timer = 0;
    drawn = performance.now();
    const { table, quantity } = scale.peek();
    element.style.setProperty('--heat-sign', cssColour(table, quantity === 'energy' ? 0 : 1));
    const words = fragments(store.t('legend.sentence')).map((part) => ('name' in part ? word(part.name) : part.text));
    render(
      html`<p class="legend-sentence">${words}</p>
        ${colourBar(store, scale.peek(), store.hover.peek())}`,
      element,
    );
  };

  const stops = [
    // What the visitor switches shows at once …
    effect(() => {
      store.layers.value;
      store.colour.value;
      store.theme.value;
      store.locale.value;
      untracked(draw);
    }),
    // … what the run changes, now and then: an automatic range drifts with every landscape.
    effect(() => {
      scale.value;
      store.hover.value;
      timer ||= window.setTimeout(draw, Math.max(0, PAUSE - (performance.now() - drawn)));
    }),
  ];

  return {
    /** The legend follows the store alone. @param {Frame} _frame */
    update(_frame) {},

    dispose() {
      clearTimeout(timer);
      for (const stop of stops) stop();
      render(nothing, element);
    },
  };
}
