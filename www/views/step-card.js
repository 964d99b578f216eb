/**
 * The card of the selected particle: its next step under the lens and in numbers. It asks the engine for the step whenever
 * the particles have moved, keeps to the corner away from the particle, and closes by its button or Escape.
 */

import { effect, untracked } from '@preact/signals-core';
import { html, nothing, render } from 'lit';
import { drawLens, lensScale } from './lens.js';
import { numberFormat, vectorText } from './ticks.js';

/** @import {Store} from '../state/store.js' */
/** @import {ParticleMove} from '../engine/protocol.js' */
/** @import {Palette} from './palette.js' */
/** @import {Transform} from './transform.js' */

const RADIUS = 68;
/** Milliseconds from one question to the next while the particles run. */
const PAUSE = 120;

/**
 * @param {object} options
 * @param {HTMLElement} options.element The plot.
 * @param {Store} options.store
 * @param {{canvas: HTMLCanvasElement}} options.heatmap
 * @param {() => Transform} options.transform
 */
export function makeStepCard({ element, store, heatmap, transform }) {
  const host = document.createElement('div');
  host.className = 'step-card';
  host.hidden = true;
  element.append(host);
  const lens = document.createElement('canvas');
  lens.className = 'step-lens';
  lens.setAttribute('aria-hidden', 'true');
  const ctx = /** @type {CanvasRenderingContext2D} */ (lens.getContext('2d'));
  /** @type {Float32Array | undefined} */
  let seen;
  let asking = false;
  let timer = 0;

  const ask = async () => {
    const i = store.selectedParticle.peek();
    if (i === null || asking) return;
    asking = true;
    try {
      const move = await store.engine.select(i);
      if (store.selectedParticle.peek() === i) store.move.value = move && { ...move, accepted: verdict(move.accepted) };
    } catch (error) {
      store.selectedParticle.value = null;
      store.refused(error);
    }
    timer = window.setTimeout(() => {
      asking = false;
      if (store.frame.peek()?.particles !== seen) follow();
    }, PAUSE);
  };

  const follow = () => {
    seen = store.frame.peek()?.particles;
    ask();
  };

  const stopSelection = effect(() => {
    const selected = store.selectedParticle.value;
    if (selected === null) {
      if (store.move.peek() !== null) {
        store.move.value = null;
        untracked(() => store.engine)
          .select(null)
          .catch(store.refused);
      }
    } else {
      clearTimeout(timer);
      asking = false;
      untracked(follow);
    }
  });

  const stopText = effect(() => {
    const move = store.move.value;
    host.hidden = move === null;
    store.locale.value;
    if (move !== null) render(card(store, move, lens, transform().scale), host);
  });

  return {
    host,

    /** Draws the lens and moves the card out of the particle's way. @param {Palette} palette */
    draw(palette) {
      const move = store.move.peek();
      if (move === null) return;
      const ratio = Math.min(devicePixelRatio, 2);
      lens.width = lens.height = 2 * RADIUS * ratio;
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      const landscape = store.frame.peek()?.landscape;
      drawLens(ctx, RADIUS, move, palette, landscape ? { canvas: heatmap.canvas, landscape } : null);
      const { x, y, width, height } = transform();
      host.dataset.side = x(move.position[0]) > width / 2 ? 'left' : 'right';
      host.dataset.upper = String(y(move.position[1]) < height / 2);
    },

    /** Asks anew once the particles have moved. @param {Float32Array} particles */
    particlesMoved(particles) {
      if (store.selectedParticle.peek() !== null && particles !== seen && !asking) follow();
    },

    dispose() {
      clearTimeout(timer);
      stopSelection();
      stopText();
      host.remove();
    },
  };
}

/** The core writes yes and no as 1 and 0. @param {unknown} accepted */
function verdict(accepted) {
  return accepted === null || accepted === undefined ? null : Boolean(accepted);
}

/**
 * @param {Store} store
 * @param {ParticleMove} move
 * @param {HTMLCanvasElement} lens
 * @param {number} scale Of the plot, CSS pixels a world unit.
 */
function card(store, move, lens, scale) {
  const { t } = store;
  const text = numberFormat(store.locale.value);
  /** @param {string} name @param {ArrayLike<number>} v */
  const row = (name, v) => html`
    <tr class="step-${name}">
      <th scope="row">${t(`plot.step.${name}`)}</th>
      <td>${vectorText(store.locale.value, v)}</td>
    </tr>`;
  const magnified = text(Math.round((10 * lensScale(move, RADIUS)) / scale) / 10);
  return html`
    <header>
      <h3>${t('plot.step.title', { particle: (store.selectedParticle.value ?? 0) + 1 })}</h3>
      <button type="button" class="step-close" aria-label=${t('plot.step.close')} @click=${() => {
        store.selectedParticle.value = null;
      }}>×</button>
    </header>
    <figure>${lens}<figcaption>×${magnified}</figcaption></figure>
    <table>
      <tbody>
        ${row('gradient', move.gradient)} ${row('drift', move.drift)} ${row('noise', move.noise)}
        ${row('proposal', move.proposal)}
      </tbody>
    </table>
    ${
      move.accepted === null
        ? nothing
        : html`<p class="step-verdict" data-accepted=${String(move.accepted)}>
            ${t(move.accepted ? 'plot.step.accepted' : 'plot.step.rejected', { probability: text(move.probability) })}
          </p>`
    }`;
}
