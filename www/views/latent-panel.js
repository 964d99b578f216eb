/**
 * The latent space of a model: where the encoder puts held-out points beside the prior, what the decoder makes of a place that one
 * drags, and the evidence lower bound with its two terms.
 */

import { html, nothing } from 'lit';
import './figures.css';
import './latent.css';
import { Watched } from '../controls/watched.js';
import { paced } from '../images/paced.js';
import { PIXELS, paint } from '../images/sheet.js';
import { densityOf, gridOf, placeOf, pointOf, REACH } from './latent-map.js';
import { readPalette } from './palette.js';
import { tickFormat } from './ticks.js';

/** @import {LowerBound} from '../engine/protocol.js' */

/** Milliseconds between two looks at the weights and two measurements of the bound while the clock runs, and between two places of a drag. */
const LOOK = 700;
const JUDGE = 3000;
const DRAG = 30;
/** Points that are encoded, most; those that the bound is measured on, of the plane and of images, and its draws for each. */
const ENCODED = 500;
const MEASURED = { plane: 2048, images: 256 };
const DRAWS = 4;
/** Decoded images of a side of the map, and of a row. */
const SIDE = 15;
/** An arrow key. */
const STEP = 0.1;
/** Colours of ten classes: Okabe & Ito's without their yellow, which is too pale for letters, and three more. */
const CLASSES = [
  '#0072b2',
  '#c27c00',
  '#009e73',
  '#b85a90',
  '#3a9bd6',
  '#d55e00',
  '#7a7a7a',
  '#7b4fa3',
  '#8b5a2b',
  '#5a7d00',
];

/** @typedef {{values: Float32Array, labels?: ArrayLike<number>}} Points */

class LatentPanel extends Watched {
  static properties = {
    run: { attribute: false },
    pictures: { attribute: false },
    axes: { state: true },
    coded: { state: true },
    z: { state: true },
    encoded: { state: true },
    sheet: { state: true },
    decoded: { state: true },
    bound: { state: true },
  };

  constructor() {
    super();
    /** Names what the figures are of: with another one they are none. */
    this.run = '';
    /** Whether points are images. */
    this.pictures = false;
    /** Of the latent variables, those that the map shows. @type {number[]} */
    this.axes = [0, 1];
    /** Whether the map shows encoded points rather than decoded images. */
    this.coded = false;
    /** The place that is decoded. @type {number[]} */
    this.z = [];
    /** What is encoded. @type {Points | null} */
    this.points = null;
    /** μ and ln σ of each of them, and their classes. @type {Points | null} */
    this.encoded = null;
    /** Decoded images of the map. @type {Float32Array | null} */
    this.sheet = null;
    /** What is decoded of the place. @type {Float32Array | null} */
    this.decoded = null;
    /** @type {LowerBound | null} */
    this.bound = null;
    /** Is told the place and what is decoded of it. @type {(z: number[], x: Float32Array) => void} */
    this.onMark = () => {};
  }

  #refused = (/** @type {unknown} */ error) => this.isConnected && this.store.refused(error);
  #wait = (/** @type {number} */ playing) => () => (this.store.playing.peek() ? playing : 60);
  #observer = new ResizeObserver(() => this.requestUpdate());

  /** Latent variables of a point. */
  get size() {
    return Number(this.store.config.value?.model.latent ?? 1);
  }

  /** Points that the bound is measured on, most. */
  get measured() {
    return this.pictures ? MEASURED.images : MEASURED.plane;
  }

  /** Of the axes, those that there are. */
  get shown() {
    return this.size === 1 ? [0] : this.axes;
  }

  /** Hands on what is found of the run that it was asked of, and nothing, not even an error, of another. @template T @param {() => Promise<T>} ask @param {(found: T) => void} take */
  async #ofRun(ask, take) {
    const { run } = this;
    const same = () => this.isConnected && run === this.run;
    if (run === '' || !same()) return;
    try {
      const found = await ask();
      if (same()) take(found);
    } catch (error) {
      if (same()) throw error;
    }
  }

  /** Held-out points, the visitor's own where there are no others. @returns {Promise<Points>} */
  async #heldOut() {
    const { engine } = this.store;
    if (this.pictures) {
      const { pixels, labels } = await engine.images('held-out');
      return { values: pixels.slice(0, ENCODED * PIXELS), labels };
    }
    const points = await engine.heldOut();
    return { values: (points.length > 0 ? points : await engine.data()).slice(0, 2 * ENCODED) };
  }

  /** The points are others. */
  renew() {
    this.points = null;
    this.look();
    this.judge();
  }

  /** The weights are others. */
  look = paced(
    () =>
      this.#ofRun(
        async () => {
          const { engine } = this.store;
          this.points ??= await this.#heldOut();
          const { values, labels } = this.points;
          const encoded = { values: await engine.encode(values), labels };
          const sheet = this.pictures ? await engine.decode(gridOf(this.z, this.shown, SIDE)) : null;
          return { encoded, sheet, decoded: await engine.decode(Float32Array.from(this.z)) };
        },
        (found) => {
          Object.assign(this, found);
          this.onMark(this.z, found.decoded);
        },
      ),
    this.#wait(LOOK),
    this.#refused,
  );

  judge = paced(
    () =>
      this.#ofRun(
        () => this.store.engine.lowerBound(DRAWS, 1, this.measured),
        (bound) => {
          this.bound = bound;
        },
      ),
    this.#wait(JUDGE),
    this.#refused,
  );

  /** The place is another. */
  #mark = paced(
    () =>
      this.#ofRun(
        () => this.store.engine.decode(Float32Array.from(this.z)),
        (decoded) => {
          this.decoded = decoded;
          this.onMark(this.z, decoded);
        },
      ),
    () => DRAG,
    this.#refused,
  );

  /** @param {number[]} place On the axes that are shown. */
  #go(place) {
    const z = this.z.slice();
    this.shown.forEach((axis, i) => {
      z[axis] = Math.min(REACH, Math.max(-REACH, place[i]));
    });
    this.z = z;
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

  /** @override @param {Map<PropertyKey, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    if (!changed.has('run')) return;
    const { size } = this;
    Object.assign(this, { points: null, encoded: null, sheet: null, decoded: null, bound: null });
    if (this.z.length !== size) Object.assign(this, { z: new Array(size).fill(0), axes: [0, 1] });
    this.look();
    this.judge();
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.#observer.disconnect();
  }

  /** @override */
  updated() {
    const map = /** @type {HTMLCanvasElement | null} */ (this.querySelector('.latent-map'));
    if (map !== null) {
      this.#observer.observe(map);
      this.#draw(map);
    }
    const tile = /** @type {HTMLCanvasElement | null} */ (this.querySelector('[data-tile="decoded"]'));
    if (tile !== null && this.decoded !== null) paint(tile, this.decoded, 1, { side: Math.sqrt(this.decoded.length) });
  }

  /** @param {HTMLCanvasElement} canvas */
  #draw(canvas) {
    const ratio = Math.min(2, devicePixelRatio);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const context = canvas.getContext('2d');
    if (width === 0 || context === null) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const palette = readPalette(canvas);
    if (this.size === 1) this.#drawLine(context, [width, height], palette);
    else this.#drawPlane(context, [width, height], palette);
  }

  /** @param {CanvasRenderingContext2D} context @param {number[]} box @param {import('./palette.js').Palette} palette */
  #drawPlane(context, box, palette) {
    const at = (/** @type {number[]} */ place) => pointOf(place, box);
    const pictured = this.sheet !== null && !this.coded;
    if (pictured) this.#drawImages(context, [0, 0, box[0], box[1]], SIDE);
    context.strokeStyle = pictured ? 'rgb(255 255 255 / 45%)' : palette.line;
    for (const radius of [1, 2, 3]) {
      const [[left], [right], centre] = [at([-radius, 0]), at([radius, 0]), at([0, 0])];
      context.beginPath();
      context.arc(centre[0], centre[1], (right - left) / 2, 0, 2 * Math.PI);
      context.stroke();
    }
    if (!pictured && this.encoded !== null) this.#drawEncoded(context, at, palette);
    const [x, y] = at(this.shown.map((axis) => this.z[axis] ?? 0));
    for (const [style, thick] of /** @type {[string, number][]} */ ([
      [palette.surface, 5],
      [palette.model, 2.5],
    ])) {
      context.strokeStyle = style;
      context.lineWidth = thick;
      context.beginPath();
      context.arc(x, y, 7, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {(place: number[]) => number[]} at @param {import('./palette.js').Palette} palette */
  #drawEncoded(context, at, palette) {
    const { values, labels } = /** @type {Points} */ (this.encoded);
    context.font = `600 10px ${palette.font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    const row = 2 * this.size;
    for (let i = 0; i < values.length / row; i++) {
      const [x, y] = at(this.shown.map((axis) => values[i * row + axis]));
      const label = labels?.[i];
      context.fillStyle = label === undefined ? palette.data : CLASSES[label % CLASSES.length];
      if (label === undefined) {
        context.beginPath();
        context.arc(x, y, 1.8, 0, 2 * Math.PI);
        context.fill();
      } else context.fillText(String(label), x, y);
    }
  }

  /** The prior, and what the encoder makes of the data together. @param {CanvasRenderingContext2D} context @param {number[]} box @param {import('./palette.js').Palette} palette */
  #drawLine(context, [width, height], palette) {
    const row = this.sheet === null ? 0 : width / SIDE;
    if (row > 0) this.#drawImages(context, [0, 0, width, row], 1);
    const floor = height - 16;
    const density = densityOf(this.encoded?.values ?? new Float32Array(0), Math.round(width / 2));
    const most = Math.max(0.45, ...density.encoded);
    const y = (/** @type {number} */ p) => floor - (p / most) * (floor - row - 6);
    const path = (/** @type {number[]} */ values) => {
      context.beginPath();
      values.forEach((p, i) => {
        context.lineTo((i / (values.length - 1)) * width, y(p));
      });
    };
    path(density.encoded);
    context.lineTo(width, floor);
    context.lineTo(0, floor);
    context.globalAlpha = 0.3;
    context.fillStyle = palette.data;
    context.fill();
    context.globalAlpha = 1;
    path(density.prior);
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.5;
    context.stroke();
    context.fillStyle = palette.muted;
    context.font = `11px ${palette.font}`;
    context.textAlign = 'center';
    for (const z of [-3, -2, -1, 0, 1, 2, 3])
      context.fillText(String(z).replace('-', '−'), pointOf([z], [width, 0])[0], height - 3);
    const [x] = pointOf(this.z, [width, 0]);
    context.strokeStyle = palette.model;
    context.lineWidth = 2.5;
    context.beginPath();
    context.moveTo(x, row);
    context.lineTo(x, floor);
    context.stroke();
  }

  /** The decoded images, row by row. @param {CanvasRenderingContext2D} context @param {number[]} box @param {number} rows */
  #drawImages(context, [x, y, width, height], rows) {
    const sheet = /** @type {Float32Array} */ (this.sheet);
    const pictures = document.createElement('canvas');
    paint(pictures, sheet, sheet.length / rows / PIXELS, { gap: 0 });
    context.drawImage(pictures, x, y, width, height);
  }

  #figures() {
    const { t, locale } = this.store;
    const { bound } = this;
    const write = tickFormat(locale.value, Math.max(1e-3, (bound?.standardError ?? 0) / 10));
    const text = (/** @type {number | null | undefined} */ x) => (typeof x === 'number' ? write(x) : '–');
    const row = (/** @type {string} */ name, /** @type {string} */ value) =>
      html`<div title=${t(`latent.about.${name}`)}><dt>${t(`latent.${name}`)}</dt><dd>${value}</dd></div>`;
    const known = bound !== null && bound.logLikelihood !== null;
    return html`<dl class="figures" title=${t('latent.measured', { draws: DRAWS, most: this.store.count(this.measured) })}>
      ${row('reconstruction', text(bound?.reconstruction == null ? null : -bound.reconstruction))} ${row('divergence', text(bound?.divergence))}
      ${row('elbo', bound?.standardError == null ? text(bound?.elbo) : `${text(bound.elbo)} ± ${text(bound.standardError)}`)}
      ${row(known ? 'likelihood' : 'weighted', known ? text(bound.logLikelihood) : text(bound?.importanceWeighted))}
    </dl>`;
  }

  #choices() {
    const { t } = this.store;
    const { size } = this;
    const mode = (/** @type {boolean} */ coded, /** @type {string} */ name) =>
      html`<button type="button" aria-pressed=${this.coded === coded} @click=${() => {
        this.coded = coded;
      }}>${t(`latent.${name}`)}</button>`;
    const axis = (/** @type {number} */ i) =>
      html`<select aria-label=${t('latent.axis', { axis: i + 1 })} @change=${(/** @type {{target: any}} */ { target }) => this.#chooseAxis(i, Number(target.value))}>
        ${Array.from({ length: size }, (_, k) => html`<option value=${k} ?selected=${k === this.axes[i]}>z${k + 1}</option>`)}
      </select>`;
    return html`<div class="latent-choices">
      ${this.pictures && size > 1 ? html`<div class="segmented" role="group" aria-label=${t('latent.shows')}>${mode(false, 'decode')}${mode(true, 'encode')}</div>` : nothing}
      ${size > 2 ? html`<span class="latent-axes">${axis(0)} × ${axis(1)}</span>` : nothing}
    </div>`;
  }

  /** @override */
  render() {
    const { t, locale, theme } = this.store;
    theme.value;
    const { size, pictures } = this;
    const number = tickFormat(locale.value, 0.1);
    const place = this.shown.map((axis) => number(this.z[axis] ?? 0)).join('; ');
    const about = size === 1 ? 'line' : pictures && !this.coded ? 'images' : 'points';
    return html`<section class="latent" ?data-line=${size === 1}>
      <h3>${t('latent.title')}</h3>
      ${this.#choices()}
      <canvas class="latent-map" tabindex="0" role="group" aria-label=${t('latent.map')} ?data-line=${size === 1} ?data-pictures=${pictures}
        @pointerdown=${this.#onPointer} @pointermove=${this.#onPointer} @keydown=${this.#onKey}></canvas>
      <div class="latent-beside">
        ${pictures ? html`<figure><canvas data-tile="decoded" width="28" height="28" aria-hidden="true"></canvas><figcaption role="status">${t('latent.decoded', { place })}</figcaption></figure>` : html`<p class="visually-hidden" role="status">${t('latent.decoded', { place })}</p>`}
        ${this.#figures()}
      </div>
      <p class="latent-note">${t(`latent.${about}About`)} ${pictures ? '' : t(`latent.${size === 1 ? 'curve' : size === 2 ? 'lattice' : 'nowhere'}About`)}</p>
    </section>`;
  }
}

customElements.define('ebm-latent', LatentPanel);
