/**
 * What the panels of latent variables share: a map of two of them, or the line of one, on which a place is dragged and decoded.
 */

import { html } from 'lit';
import { paced } from '../images/paced.js';
import { PIXELS, paint } from '../images/sheet.js';
import { gridOf, placeOf, pointOf, REACH } from './latent-map.js';
import { MapPanel } from './map-panel.js';
import { tickFormat } from './ticks.js';

/** Milliseconds between two places of a drag. */
const DRAG = 30;
/** Decoded images of a side of the map, and of a row. */
export const SIDE = 15;
/** An arrow key. */
const STEP = 0.1;

export class LatentChart extends MapPanel {
  static properties = {
    ...MapPanel.properties,
    axes: { state: true },
    z: { state: true },
    sheet: { state: true },
    decoded: { state: true },
  };

  constructor() {
    super();
    /** Of the latent variables, those that the map shows. @type {number[]} */
    this.axes = [0, 1];
    /** The place that is decoded. @type {number[]} */
    this.z = [];
    /** Whether it was chosen by hand. */
    this.dragged = false;
    /** Decoded images of the map. @type {Float32Array | null} */
    this.sheet = null;
    /** What is decoded of the place. @type {Float32Array | null} */
    this.decoded = null;
    /** Is told the place and what is decoded of it. @type {(z: number[], x: Float32Array) => void} */
    this.onMark = () => {};
  }

  /** Latent variables of a point. */
  get size() {
    return Number(this.store.config.value?.model.latent ?? 1);
  }

  /** Of the axes, those that there are. */
  get shown() {
    return this.size === 1 ? [0] : this.axes;
  }

  /** What the decoder makes of a place, and of images of all places of the map through it. @param {number[]} z */
  async decodeAll(z) {
    const { engine } = this.store;
    const sheet = this.pictures ? await engine.decode(gridOf(z, this.shown, SIDE)) : null;
    return { z, sheet, decoded: await engine.decode(Float32Array.from(z)) };
  }

  /** @override */
  forget() {
    super.forget();
    Object.assign(this, { sheet: null, decoded: null, dragged: false });
    const { size } = this;
    if (this.z.length !== size) Object.assign(this, { z: new Array(size).fill(0), axes: [0, 1] });
  }

  /** Takes what is decoded of a place, and the place; only the map of it where another was chosen by hand meanwhile. @param {{z: number[], sheet: Float32Array | null, decoded: Float32Array}} found */
  settle({ z, sheet, decoded }) {
    this.sheet = sheet;
    if (this.dragged && z !== this.z) return;
    Object.assign(this, { z, decoded });
    this.onMark(z, decoded);
  }

  /** The place is another. */
  #mark = paced(
    () =>
      this.ofRun(
        () => this.store.engine.decode(Float32Array.from(this.z)),
        (decoded) => {
          this.decoded = decoded;
          this.onMark(this.z, decoded);
        },
      ),
    () => DRAG,
    this.refused,
  );

  /** @param {number[]} place On the axes that are shown. */
  #go(place) {
    const z = this.z.slice();
    this.shown.forEach((axis, i) => {
      z[axis] = Math.min(REACH, Math.max(-REACH, place[i]));
    });
    this.z = z;
    this.dragged = true;
    this.#mark();
  }

  #onPointer = (/** @type {PointerEvent} */ event) => {
    const canvas = /** @type {HTMLCanvasElement} */ (event.currentTarget);
    if (event.type === 'pointerdown') canvas.setPointerCapture(event.pointerId);
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const box = canvas.getBoundingClientRect();
    this.#go(placeOf([event.clientX - box.left, event.clientY - box.top], [box.width, box.height]));
  };

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowRight: [STEP, 0], ArrowLeft: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const [x, y] = this.shown.map((axis) => this.z[axis]);
    // On a line all four move along it.
    this.#go(this.size === 1 ? [x + by[0] + by[1]] : [x + by[0], y + by[1]]);
  };

  /** @param {number} i @param {number} axis */
  #chooseAxis(i, axis) {
    const other = this.axes[1 - i];
    // The same variable twice is no plane: both change places.
    this.axes = this.axes.map((old, k) => (k === i ? axis : other === axis ? this.axes[i] : old));
    this.look();
  }

  /** @override */
  updated() {
    super.updated();
    const tile = /** @type {HTMLCanvasElement | null} */ (this.querySelector('[data-tile="decoded"]'));
    if (tile !== null && this.decoded !== null) paint(tile, this.decoded, 1, { side: Math.sqrt(this.decoded.length) });
  }

  /** @override @param {CanvasRenderingContext2D} context @param {number[]} box @param {import('./palette.js').Palette} palette */
  drawMap(context, box, palette) {
    if (this.size === 1) this.drawLine(context, box, palette);
    else this.drawPlane(context, box, palette);
  }

  /** The map of two variables. @param {CanvasRenderingContext2D} _context @param {number[]} _box @param {import('./palette.js').Palette} _palette */
  drawPlane(_context, _box, _palette) {}

  /** The line of one. @param {CanvasRenderingContext2D} _context @param {number[]} _box @param {import('./palette.js').Palette} _palette */
  drawLine(_context, _box, _palette) {}

  /** One, two and three standard deviations of N(0, I). @param {CanvasRenderingContext2D} context @param {(place: number[]) => number[]} at @param {string} style */
  drawCircles(context, at, style) {
    context.strokeStyle = style;
    context.lineWidth = 1;
    for (const radius of [1, 2, 3]) {
      const [[left], [right], centre] = [at([-radius, 0]), at([radius, 0]), at([0, 0])];
      context.beginPath();
      context.arc(centre[0], centre[1], (right - left) / 2, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** The place that is decoded, on the map. @param {CanvasRenderingContext2D} context @param {(place: number[]) => number[]} at @param {import('./palette.js').Palette} palette */
  drawPlace(context, at, palette) {
    this.drawRing(context, at(this.shown.map((axis) => this.z[axis] ?? 0)), palette);
  }

  /** Whole numbers under the line, and the place that is decoded. @param {CanvasRenderingContext2D} context @param {number[]} box @param {number[]} ends Of the mark. @param {import('./palette.js').Palette} palette */
  drawScale(context, [width, height], [from, to], palette) {
    context.fillStyle = palette.muted;
    context.font = `11px ${palette.font}`;
    context.textAlign = 'center';
    for (const z of [-3, -2, -1, 0, 1, 2, 3])
      context.fillText(String(z).replace('-', '−'), pointOf([z], [width, 0])[0], height - 3);
    const [x] = pointOf(this.z, [width, 0]);
    context.strokeStyle = palette.model;
    context.lineWidth = 2.5;
    context.beginPath();
    context.moveTo(x, from);
    context.lineTo(x, to);
    context.stroke();
  }

  /** The decoded images, row by row. @param {CanvasRenderingContext2D} context @param {number[]} box @param {number} rows */
  drawImages(context, [x, y, width, height], rows) {
    const sheet = /** @type {Float32Array} */ (this.sheet);
    const pictures = document.createElement('canvas');
    paint(pictures, sheet, sheet.length / rows / PIXELS, { gap: 0 });
    context.drawImage(pictures, x, y, width, height);
  }

  axesChoice() {
    const { t } = this.store;
    const axis = (/** @type {number} */ i) =>
      html`<select aria-label=${t('latent.axis', { axis: i + 1 })} @change=${(/** @type {{target: any}} */ { target }) => this.#chooseAxis(i, Number(target.value))}>
        ${Array.from({ length: this.size }, (_, k) => html`<option value=${k} ?selected=${k === this.axes[i]}>z${k + 1}</option>`)}
      </select>`;
    return html`<span class="latent-axes">${axis(0)} × ${axis(1)}</span>`;
  }

  map() {
    const { size, pictures } = this;
    return html`<canvas class="latent-map" tabindex="0" role="group" aria-label=${this.store.t('latent.map')} ?data-line=${size === 1} ?data-pictures=${pictures}
      @pointerdown=${this.#onPointer} @pointermove=${this.#onPointer} @keydown=${this.#onKey}></canvas>`;
  }

  /** What is decoded, as an image where points are some, and the place in words. */
  tile() {
    const { t, locale } = this.store;
    const number = tickFormat(locale.value, 0.1);
    const place = this.shown.map((axis) => number(this.z[axis] ?? 0)).join('; ');
    return this.pictures
      ? html`<figure><canvas data-tile="decoded" width="28" height="28" aria-hidden="true"></canvas><figcaption role="status">${t('latent.decoded', { place })}</figcaption></figure>`
      : html`<p class="visually-hidden" role="status">${t('latent.decoded', { place })}</p>`;
  }
}
