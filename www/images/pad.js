/** The drawing pad: how surprised is the energy at what one draws, where would it change it, and what do chains make of it? */

import { html, nothing } from 'lit';
import { icon } from '../controls/icons.js';
import { Watched } from '../controls/watched.js';
import { numberFormat } from '../views/ticks.js';
import { centred, shareBelow } from './centring.js';
import { paced } from './paced.js';
import { shareBars } from './share-bars.js';
import { PIXELS, paint, settled, signed } from './sheet.js';

/** @typedef {{x: number, y: number}} Place */
/**
 * @typedef {object} Found
 * @property {Float32Array} image [784]
 * @property {number} energy
 * @property {Float32Array} slope −∇E, [784].
 * @property {Float32Array} shares p(y | x); empty where the energy knows no classes.
 */

/** Side of the pad in its own pixels, and width of the brush. */
const SIDE = 280;
const BRUSH = 22;
/** Milliseconds between two evaluations of a drawing that grows. */
const PAUSE = 150;

class Pad extends Watched {
  static properties = { found: { state: true } };

  constructor() {
    super();
    /** What the energy says of the drawing; null of an empty pad. @type {Found | null} */
    this.found = null;
    /** Energies of held-out data to hold it against. @type {() => ArrayLike<number>} */
    this.heldOut = () => [];
    /** Starts all samples at an image. @type {(image: Float32Array) => void} */
    this.begin = () => {};
    /** The colours of signed images. @type {() => {below: import('./sheet.js').Rgb, above: import('./sheet.js').Rgb}} */
    this.colours = () => ({ below: [0, 0, 0], above: [0, 0, 0] });
    /** Where the brush is while it draws. @type {Place | null} */
    this.brush = null;
  }

  get #canvas() {
    return /** @type {HTMLCanvasElement} */ (this.querySelector('.pad-paper'));
  }

  get #ink() {
    return /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d', { willReadFrequently: true }));
  }

  open() {
    // The energy may be another than when the drawing was made.
    this.#evaluate();
    /** @type {HTMLDialogElement} */ (this.querySelector('dialog')).showModal();
  }

  /** @param {PointerEvent} event @returns {Place} */
  #place({ clientX, clientY }) {
    const box = this.#canvas.getBoundingClientRect();
    return { x: ((clientX - box.left) / box.width) * SIDE, y: ((clientY - box.top) / box.height) * SIDE };
  }

  /** @param {PointerEvent} event */
  #down(event) {
    this.#canvas.setPointerCapture(event.pointerId);
    this.brush = this.#place(event);
    this.#stroke(this.brush);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (this.brush === null) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) this.#stroke(this.#place(part));
  }

  /** @param {Place} to */
  #stroke(to) {
    const ink = this.#ink;
    const from = this.brush ?? to;
    Object.assign(ink, { strokeStyle: '#fff', lineWidth: BRUSH, lineCap: 'round', lineJoin: 'round' });
    ink.beginPath();
    ink.moveTo(from.x, from.y);
    // A dot is a stroke too.
    ink.lineTo(to.x + 0.01, to.y);
    ink.stroke();
    this.brush = to;
    this.#evaluate();
  }

  #clear() {
    this.#ink.clearRect(0, 0, SIDE, SIDE);
    this.#evaluate();
  }

  /** Asks the core about the drawing, again and again while it grows. */
  #evaluate = paced(
    async () => {
      const { data } = this.#ink.getImageData(0, 0, SIDE, SIDE);
      const ink = Float32Array.from({ length: SIDE * SIDE }, (_, i) => data[4 * i + 3] / 255);
      const drawn = centred(ink, SIDE);
      const { engine, space } = this.store;
      const image = drawn && settled(space.peek(), drawn);
      const told = image && (await engine.probe(image));
      this.found = told && {
        image,
        energy: told.energy,
        slope: Float32Array.from(told.score),
        shares: await engine.classify(image),
      };
    },
    () => PAUSE,
    (error) => this.store.refused(error),
  );

  #begin() {
    if (this.found === null) return;
    /** @type {HTMLDialogElement} */ (this.querySelector('dialog')).close();
    this.begin(this.found.image);
  }

  /** @override */
  updated() {
    const empty = new Float32Array(PIXELS);
    const [image, slope] = [this.found?.image ?? empty.map(() => -1), this.found?.slope ?? empty];
    const seen = this.querySelector('.pad-seen');
    const change = this.querySelector('.pad-slope');
    if (seen instanceof HTMLCanvasElement) paint(seen, image, 1);
    if (change instanceof HTMLCanvasElement) paint(change, slope, 1, { shade: signed(slope, this.colours()) });
  }

  /** @override */
  render() {
    const { t, locale } = this.store;
    const text = numberFormat(locale.value);
    const { found } = this;
    const percent = found && Math.round(100 * shareBelow(this.heldOut(), found.energy));
    return html`<dialog class="sheet pad" aria-labelledby="pad-title">
      <div class="sheet-body">
        <header>
          <h2 id="pad-title">${t('pad.title')}</h2>
          <form method="dialog"><button class="round small" aria-label=${t('help.close')}>${icon('close')}</button></form>
        </header>
        <p>${t('pad.about')}</p>
        <div class="pad-row">
          <canvas class="pad-paper" width=${SIDE} height=${SIDE} role="img" aria-label=${t('pad.paper')}
            @pointerdown=${this.#down} @pointermove=${this.#move}
            @pointerup=${() => {
              this.brush = null;
            }} @pointercancel=${() => {
              this.brush = null;
            }}></canvas>
          <div class="pad-told">
            <figure><canvas class="pad-seen" width="28" height="28" role="img" aria-label=${t('pad.seen')}></canvas><figcaption>${t('pad.seen')}</figcaption></figure>
            <figure><canvas class="pad-slope" width="28" height="28" role="img" aria-label="−∇E"></canvas><figcaption>−∇E</figcaption></figure>
          </div>
        </div>
        <p class="pad-energy" role="status">${
          found === null
            ? t('pad.empty')
            : html`<strong>E = ${text(found.energy)}</strong>${this.heldOut().length > 0 ? html` ${t('pad.share', { percent: String(percent) })}` : nothing}`
        }</p>
        ${found && found.shares.length > 0 ? shareBars(found.shares) : nothing}
        <div class="actions">
          <button type="button" class="plain strong" ?disabled=${found === null} @click=${this.#begin}>${t('pad.begin')}</button>
          <button type="button" class="plain" @click=${this.#clear}>${t('pad.clear')}</button>
        </div>
      </div>
    </dialog>`;
  }
}

customElements.define('ebm-pad', Pad);
