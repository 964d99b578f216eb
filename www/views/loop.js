/**
 * The loop of a training update as six nodes: Data → Energy → Sampler → Compare → Gradient → Update → Data. While one steps,
 * the node of the stage that was done last is lit and shows the number of that stage; while the clock runs freely the whole
 * strip is alive.
 */

import { effect } from '@preact/signals-core';
import { html, nothing, render } from 'lit';
import { STAGES } from '../engine/protocol.js';
import { afterStep, stageNumbers } from './stages.js';
import { numberFormat } from './ticks.js';
import './loop.css';

/** @import {Frame} from '../engine/protocol.js' */
/** @import {Store} from '../state/store.js' */

/** Milliseconds between two versions of the numbers while the clock runs freely: faster than this nobody reads. */
const PAUSE = 150;

/**
 * @param {object} options
 * @param {HTMLElement} options.element
 * @param {Store} options.store
 */
export function makeLoop({ element, store }) {
  element.classList.add('loop');
  /** @type {Frame | null} */
  let frame = null;
  /** @type {ReturnType<typeof afterStep>} */
  let steps = { update: -1, numbers: {} };
  let drawn = 0;
  let timer = 0;

  const draw = () => {
    drawn = performance.now();
    clearTimeout(timer);
    timer = 0;
    const text = numberFormat(store.locale.peek());
    const numbers = stageNumbers({
      update: frame?.clock.update,
      curves: store.curves.peek(),
      config: store.config.peek(),
      stepped: steps.numbers,
    });
    // Among sub-steps the clock still counts the stage before as done; the event knows which one is under way.
    const stage = frame?.event?.stage ?? frame?.clock.stage ?? null;
    const running = store.playing.peek() && stage === null;
    const node = (/** @type {(typeof STAGES)[number]} */ name, /** @type {number} */ i) => {
      const number = numbers[name];
      return html`<li data-stage=${name} aria-current=${stage === i ? 'step' : nothing}>
        <span class="loop-name"><b>${i + 1}</b>${store.t(`loop.${name}`)}</span>
        <span class="loop-value">${number ? store.t(`loop.value.${number.name}`, { value: text(number.value) }) : '\u00a0'}</span>
      </li>`;
    };
    render(
      html`<ol class=${running ? 'running' : ''} aria-label=${store.t('loop.title')}>${STAGES.map(node)}</ol>`,
      element,
    );
  };

  const stop = effect(() => {
    store.locale.value;
    store.playing.value;
    store.config.value;
    draw();
  });

  return {
    /** @param {Frame} next */
    update(next) {
      const stepped = next.clock.stage !== frame?.clock.stage || next.event !== frame?.event;
      frame = next;
      if (stepped) steps = afterStep(steps, next.event);
      if (stepped) draw();
      else timer ||= window.setTimeout(draw, Math.max(0, PAUSE - (performance.now() - drawn)));
    },

    dispose() {
      clearTimeout(timer);
      stop();
      render(nothing, element);
    },
  };
}
