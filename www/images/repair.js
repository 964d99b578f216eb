/** Hide a part of a digit under noise, and see what the samples make of it while they keep the rest. */

import { html } from 'lit';
import { icon } from '../controls/icons.js';
import { Watched } from '../controls/watched.js';
import { random } from '../state/starts.js';
import { area, brushed, damaged, PART_NAMES, part } from './damage.js';
import { PIXELS, paint, SIDE } from './sheet.js';

/** @import {Images} from '../engine/protocol.js' */
/** @import {Free, Place} from './damage.js' */

/** What is to be filled in. @typedef {{image: Float32Array, free: Free, share: number}} Damage */

/** Radius of the brush, in pixels of the image. */
const BRUSH = 2.5;

class Repair extends Watched {
  static properties = {
    images: { state: true },
    at: { state: true },
    free: { state: true },
    share: { state: true },
    brush: { state: true },
  };

  constructor() {
    super();
    /** Held-out images to choose from. @type {Images | null} */
    this.images = null;
    /** Which one is shown. */
    this.at = 0;
    this.free = part('right');
    /** Of noise in what is hidden. */
    this.share = 1;
    /** Where the brush is that the arrow keys move. @type {Place} */
    this.brush = { x: SIDE / 2, y: SIDE / 2 };
    /** Where a pointer's stroke has come to. @type {Place | null} */
    this.stroke = null;
    /** Has the samples fill it in. @type {(damage: Damage) => void} */
    this.fill = () => {};
  }

  async open() {
    /** @type {HTMLDialogElement} */ (this.querySelector('dialog')).showModal();
    try {
      // Others may have been handed over since the last time.
      this.images = await this.store.engine.images('held-out');
      this.at %= Math.max(1, this.#count);
    } catch (error) {
      this.store.refused(error);
    }
  }

  get #count() {
    return (this.images?.pixels.length ?? 0) / PIXELS;
  }

  /** The image that is shown, [784]; none before it is there. */
  get #image() {
    return this.images?.pixels.slice(this.at * PIXELS, (this.at + 1) * PIXELS);
  }

  /** @param {PointerEvent} event */
  #brush(event) {
    if (!(event.buttons & 1)) return;
    const canvas = /** @type {HTMLCanvasElement} */ (event.currentTarget);
    if (event.type === 'pointerdown') {
      canvas.setPointerCapture(event.pointerId);
      this.stroke = null;
    }
    const box = canvas.getBoundingClientRect();
    const to = {
      x: ((event.clientX - box.left) / box.width) * SIDE,
      y: ((event.clientY - box.top) / box.height) * SIDE,
    };
    this.free = brushed(this.free, this.stroke ?? to, to, BRUSH);
    this.stroke = to;
    this.brush = to;
  }

  /** Arrows move the brush, space hides what is under it. @param {KeyboardEvent} event */
  #key(event) {
    const { x, y } = this.brush;
    const to = {
      ArrowLeft: [x - 1, y],
      ArrowRight: [x + 1, y],
      ArrowUp: [x, y - 1],
      ArrowDown: [x, y + 1],
      ' ': [x, y],
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const [u, v] = to.map((value) => Math.min(SIDE, Math.max(0, value)));
    this.brush = { x: u, y: v };
    if (event.key === ' ') this.free = brushed(this.free, this.brush, this.brush, BRUSH);
  }

  #fill() {
    const image = this.#image;
    if (image === undefined) return;
    /** @type {HTMLDialogElement} */ (this.querySelector('dialog')).close();
    this.fill({ image, free: this.free, share: this.share });
  }

  /** @override */
  updated() {
    const paper = this.querySelector('.repair-paper');
    const image = this.#image;
    if (paper instanceof HTMLCanvasElement && image) paint(paper, damaged(image, this.free, this.share, random(1)), 1);
  }

  /** @override */
  render() {
    const { t } = this.store;
    const label = this.images?.labels?.[this.at];
    const hidden = area(this.free);
    const percent = Math.round(100 * this.share);
    return html`<dialog class="sheet pad repair" aria-labelledby="repair-title">
      <div class="sheet-body">
        <header>
          <h2 id="repair-title">${t('repair.title')}</h2>
          <form method="dialog"><button class="round small" aria-label=${t('help.close')}>${icon('close')}</button></form>
        </header>
        <p>${t('repair.about')}</p>
        <div class="pad-row">
          <div class="repair-desk" tabindex="0" role="group" aria-label=${t('repair.paper')} @keydown=${this.#key}
            style=${`--x: ${this.brush.x / SIDE}; --y: ${this.brush.y / SIDE}; --width: ${(2 * BRUSH) / SIDE}`}>
            <canvas class="pad-paper repair-paper" width=${SIDE} height=${SIDE} @pointerdown=${this.#brush} @pointermove=${this.#brush}></canvas>
            <span class="repair-brush"></span>
          </div>
          <div class="repair-choices">
            <button type="button" class="plain" ?disabled=${this.#count === 0} @click=${() => {
              this.at = (this.at + 1) % this.#count;
            }}>${t('repair.other')}</button>
            ${PART_NAMES.map(
              (name) =>
                html`<button type="button" class="plain" @click=${() => {
                  this.free = part(name);
                }}>${t(`repair.part.${name}`)}</button>`,
            )}
          </div>
        </div>
        <p class="pad-energy" role="status">${label === undefined ? '' : t('repair.label', { label })} ${t('repair.hidden', { hidden, all: PIXELS })}</p>
        <label class="repair-share">${t('repair.noise')}
          <input type="range" min="5" max="100" step="5" .value=${String(percent)} style=${`--filled: ${(100 * (percent - 5)) / 95}%`}
            @input=${(/** @type {{target: any}} */ { target }) => {
              this.share = Number(target.value) / 100;
            }} /><output>${percent}%</output></label>
        <div class="actions">
          <button type="button" class="plain strong" ?disabled=${this.#count === 0 || hidden === 0} @click=${this.#fill}>${t('repair.fill')}</button>
        </div>
      </div>
    </dialog>`;
  }
}

customElements.define('ebm-repair', Repair);
