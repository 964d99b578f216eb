/**
 * The latent space of a model: where the encoder puts held-out points beside the prior, what the decoder makes of a place that one
 * drags, and the evidence lower bound with its two terms.
 */

import { html, nothing } from 'lit';
import './figures.css';
import './latent.css';
import { paced } from '../images/paced.js';
import { LatentChart, SIDE } from './latent-chart.js';
import { densityOf, pointOf } from './latent-map.js';
import { tickFormat } from './ticks.js';

/** @import {LowerBound} from '../engine/protocol.js' */
/** @import {Points} from './map-panel.js' */

/** Milliseconds between two looks at the weights and two measurements of the bound while the clock runs. */
const LOOK = 700;
const JUDGE = 3000;
/** Points that are encoded, most; those that the bound is measured on, of the plane and of images, and its draws for each. */
const ENCODED = 500;
const MEASURED = { plane: 2048, images: 256 };
const DRAWS = 4;
class LatentPanel extends LatentChart {
  static properties = {
    ...LatentChart.properties,
    coded: { state: true },
    encoded: { state: true },
    bound: { state: true },
  };

  constructor() {
    super();
    /** Whether the map shows encoded points rather than decoded images. */
    this.coded = false;
    /** μ and ln σ of each of them, and their classes. @type {Points | null} */
    this.encoded = null;
    /** @type {LowerBound | null} */
    this.bound = null;
  }

  /** Points that the bound is measured on, most. */
  get measured() {
    return this.pictures ? MEASURED.images : MEASURED.plane;
  }

  /** @override */
  look = paced(
    () =>
      this.ofRun(
        async () => {
          const { values, labels } = await this.known(() => this.heldOut(ENCODED));
          const encoded = { values: await this.store.engine.encode(values), labels };
          return { encoded, decoded: await this.decodeAll(this.z) };
        },
        ({ encoded, decoded }) => {
          this.encoded = encoded;
          this.settle(decoded);
        },
      ),
    this.wait(LOOK),
    this.refused,
  );

  /** @override */
  judge = paced(
    () =>
      this.ofRun(
        () => this.store.engine.lowerBound(DRAWS, 1, this.measured),
        (bound) => {
          this.bound = bound;
        },
      ),
    this.wait(JUDGE),
    this.refused,
  );

  /** @override */
  forget() {
    super.forget();
    Object.assign(this, { encoded: null, bound: null });
  }

  /** @override @param {CanvasRenderingContext2D} context @param {number[]} box @param {import('./palette.js').Palette} palette */
  drawPlane(context, box, palette) {
    const at = (/** @type {number[]} */ place) => pointOf(place, box);
    const pictured = this.sheet !== null && !this.coded;
    if (pictured) this.drawImages(context, [0, 0, box[0], box[1]], SIDE);
    this.drawCircles(context, at, pictured ? 'rgb(255 255 255 / 45%)' : palette.line);
    if (!pictured && this.encoded !== null) this.#drawEncoded(context, at, palette);
    this.drawPlace(context, at, palette);
  }

  /** @param {CanvasRenderingContext2D} context @param {(place: number[]) => number[]} at @param {import('./palette.js').Palette} palette */
  #drawEncoded(context, at, palette) {
    const { values, labels } = /** @type {Points} */ (this.encoded);
    const row = 2 * this.size;
    for (let i = 0; i < values.length / row; i++)
      this.drawPoint(context, at(this.shown.map((axis) => values[i * row + axis])), labels?.[i], palette);
  }

  /** The prior, and what the encoder makes of the data together. @override @param {CanvasRenderingContext2D} context @param {number[]} box @param {import('./palette.js').Palette} palette */
  drawLine(context, [width, height], palette) {
    const row = this.sheet === null ? 0 : width / SIDE;
    if (row > 0) this.drawImages(context, [0, 0, width, row], 1);
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
    this.drawScale(context, [width, height], [row, floor], palette);
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
    return html`<div class="latent-choices">
      ${this.pictures && size > 1 ? html`<div class="segmented" role="group" aria-label=${t('latent.shows')}>${mode(false, 'decode')}${mode(true, 'encode')}</div>` : nothing}
      ${size > 2 ? this.axesChoice() : nothing}
    </div>`;
  }

  /** @override */
  render() {
    const { t, theme } = this.store;
    theme.value;
    const { size, pictures } = this;
    const about = size === 1 ? 'line' : pictures && !this.coded ? 'images' : 'points';
    return html`<section class="latent" ?data-line=${size === 1}>
      <h3>${t('latent.title')}</h3>
      ${this.#choices()}
      ${this.map()}
      <div class="latent-beside">${this.tile()} ${this.#figures()}</div>
      <p class="latent-note">${t(`latent.${about}About`)} ${pictures ? '' : t(`latent.${size === 1 ? 'curve' : size === 2 ? 'lattice' : 'nowhere'}About`)}</p>
    </section>`;
  }
}

customElements.define('ebm-latent', LatentPanel);
