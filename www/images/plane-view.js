/** A map of the energy on the plane through three images: digits of one's choice, or the way that a sample has gone. */

import { html, nothing } from 'lit';
import '../examine/examine.css';
import '../examine/map.js';
import { icon } from '../controls/icons.js';
import { Watched } from '../controls/watched.js';
import { colourTable, cssGradient } from '../views/colour.js';
import { numberFormat } from '../views/ticks.js';
import { endsText } from './energies.js';
import { imagesAt } from './film.js';
import { imageOf, placeOf, planeThrough, rowOf } from './plane.js';
import { PIXELS, paint } from './sheet.js';

/** @import {Images} from '../engine/protocol.js' */
/** @import {Film} from './film.js' */
/** @import {Plane} from './plane.js' */

/** Cells of a side of the map. */
const SIDE = 40;
/** The colours end where this share of the map lies below. */
const QUANTILE = 0.9;

/**
 * What the page knows of a sample: its film, the picture that is shown, and its number.
 * @typedef {{film: Film | null, at: number, chain: number}} Way
 */
/** @typedef {{image: Float32Array, label: string}} Corner */
/** @typedef {{image: Float32Array, energy: number, at: [number, number]}} Picked */

class PlaneView extends Watched {
  static properties = {
    kind: { state: true },
    corners: { state: true },
    grid: { state: true },
    track: { state: true },
    picked: { state: true },
    refusal: { state: true },
  };

  constructor() {
    super();
    /** What the film of the page shows. @type {() => Way} */
    this.way = () => ({ film: null, at: 0, chain: 0 });
    /** What spans the plane. @type {'digits' | 'way'} */
    this.kind = 'digits';
    /** Number of the first of three digits. */
    this.first = 0;
    /** @type {Images | null} */
    this.images = null;
    /** @type {Plane | null} */
    this.plane = null;
    /** @type {Corner[]} */
    this.corners = [];
    /** @type {import('../examine/map.js').Grid | null} */
    this.grid = null;
    /** Places of the sample, picture by picture, [2n], and how far the last one is from the plane. */
    this.track = { places: new Float32Array(0), away: 0 };
    /** @type {Picked | null} */
    this.picked = null;
    this.refusal = '';
    /** Which map is being made: one that is no longer wanted stops. */
    this.wanted = 0;
  }

  async open() {
    /** @type {HTMLDialogElement} */ (this.querySelector('dialog')).showModal();
    this.images = null;
    // A map is of one energy.
    await this.store.engine.pause();
    if (this.way().film === null) this.kind = 'digits';
    await this.#show();
  }

  /** Three digits, of different classes where there are three, or a sample's first and present image and the nearest digit to it. @returns {Promise<Corner[]>} */
  async #span() {
    const { engine, t } = this.store;
    if (this.kind === 'way') {
      const { film, at, chain } = this.way();
      if (film === null) return [];
      const image = (/** @type {number} */ step) => imagesAt(film, step).slice(chain * PIXELS, (chain + 1) * PIXELS);
      const nearest = await engine.nearestImage(image(at));
      return [
        { image: image(0), label: t('plane.start') },
        { image: image(at), label: t('plane.now', { step: at }) },
        { image: nearest.image, label: nearest.label === undefined ? t('gallery.nearest') : `${nearest.label}` },
      ];
    }
    this.images ??= await engine.images('held-out');
    const { pixels, labels } = this.images;
    const count = pixels.length / PIXELS;
    const differ = labels && new Set(labels).size >= 3;
    /** @type {number[]} */
    const chosen = [];
    for (let k = 0; k < count && chosen.length < 3; k++) {
      const i = (this.first + k) % count;
      if (!differ || chosen.every((other) => labels[other] !== labels[i])) chosen.push(i);
    }
    return chosen.map((i) => ({
      image: pixels.slice(i * PIXELS, (i + 1) * PIXELS),
      label: labels ? `${labels[i]}` : `${i + 1}`,
    }));
  }

  async #show() {
    const wanted = ++this.wanted;
    [this.grid, this.picked, this.refusal] = [null, null, ''];
    try {
      const corners = await this.#span();
      if (wanted !== this.wanted) return;
      const plane = corners.length === 3 ? planeThrough(corners[0].image, corners[1].image, corners[2].image) : null;
      this.corners = corners;
      this.plane = plane;
      if (plane === null) {
        this.refusal = this.store.t(corners.length < 3 ? 'plane.few' : 'plane.line');
        return;
      }
      this.#follow(plane);
      const values = new Float32Array(SIDE * SIDE);
      for (let row = 0; row < SIDE; row++) {
        values.set(await this.store.engine.energy(rowOf(plane, SIDE, row)), row * SIDE);
        if (wanted !== this.wanted || !this.querySelector('dialog')?.open) return;
      }
      const sorted = values.filter(Number.isFinite).sort();
      const [low, high] = [sorted[0] ?? 0, sorted[Math.floor(QUANTILE * (sorted.length - 1))] ?? 1];
      this.grid = { values, side: SIDE, range: [low, Math.max(high, low + 1e-9)], signed: false };
    } catch (error) {
      if (wanted === this.wanted) this.refusal = error instanceof Error ? error.message : String(error);
    }
  }

  /** Drops the sample's way onto the plane. @param {Plane} plane */
  #follow(plane) {
    const { film, at, chain } = this.way();
    const places = new Float32Array(film === null ? 0 : 2 * (at + 1));
    let away = 0;
    for (let step = 0; 2 * step < places.length; step++) {
      const found = placeOf(
        plane,
        imagesAt(/** @type {Film} */ (film), step).subarray(chain * PIXELS, (chain + 1) * PIXELS),
      );
      places.set([found.x, found.y], 2 * step);
      away = found.away;
    }
    this.track = { places, away };
  }

  /** Shows the image at a place of the map. @param {number} x @param {number} y */
  async #pick(x, y) {
    const { plane, wanted } = this;
    if (plane === null) return;
    try {
      const image = imageOf(plane, x, y);
      const [energy] = await this.store.engine.energy(image);
      // Another map may have come meanwhile.
      if (wanted !== this.wanted) return;
      this.picked = { image, energy, at: [x, y] };
    } catch (error) {
      this.refusal = error instanceof Error ? error.message : String(error);
    }
  }

  /** @override */
  updated() {
    const shown = [...this.corners.map(({ image }) => image), ...(this.picked ? [this.picked.image] : [])];
    for (const [i, canvas] of this.querySelectorAll('.plane-images canvas').entries())
      if (canvas instanceof HTMLCanvasElement && shown[i]) paint(canvas, shown[i], 1);
  }

  /** @param {'digits' | 'way'} kind */
  #choose(kind) {
    this.kind = kind;
    this.#show();
  }

  /** @override */
  render() {
    const { t, locale, theme } = this.store;
    const text = numberFormat(locale.value);
    const { plane, grid, track } = this;
    const { film, chain } = this.way();
    const [lowest, highest] = grid ? endsText(locale.value, grid.range[0], grid.range[1]) : [];
    const corners = plane ? this.corners.map((corner) => ({ ...corner, ...placeOf(plane, corner.image) })) : [];
    /** @type {import('../examine/map.js').Marks[]} */
    const marks = [{ points: corners.flatMap(({ x, y }) => [x, y]), kind: 'data' }];
    if (track.places.length > 0) marks.push({ points: track.places.slice(-2), kind: 'samples' });
    if (this.picked) marks.push({ points: this.picked.at, kind: 'chosen' });
    return html`<dialog class="sheet pad image-plane" aria-labelledby="plane-title">
      <div class="sheet-body">
        <header>
          <h2 id="plane-title">${t('plane.title')}</h2>
          <form method="dialog"><button class="round small" aria-label=${t('help.close')}>${icon('close')}</button></form>
        </header>
        <p>${t('plane.about')}</p>
        <div class="actions">
          <div class="segmented" role="group" aria-label=${t('plane.span')}>
            <button type="button" aria-pressed=${this.kind === 'digits'} @click=${() => this.#choose('digits')}>${t('plane.digits')}</button>
            <button type="button" aria-pressed=${this.kind === 'way'} ?disabled=${film === null} title=${film === null ? t('gallery.noFilm') : ''}
              @click=${() => this.#choose('way')}>${t('plane.way', { chain: chain + 1 })}</button>
          </div>
          ${
            this.kind === 'digits'
              ? html`<button type="button" class="plain" @click=${() => {
                  this.first += 3;
                  this.#show();
                }}>${t('plane.other')}</button>`
              : nothing
          }
        </div>
        <div class="plane-row">
          <div class="plane-map"><ebm-map .store=${this.store} .grid=${grid} .marks=${marks} .path=${track.places} .about=${t('plane.map')}
            .pick=${(/** @type {number} */ x, /** @type {number} */ y) => this.#pick(x, y)}></ebm-map>
            ${corners.map(({ x, y, label }) => html`<span class="plane-name" style=${`--x: ${(x + 4) / 8}; --y: ${(4 - y) / 8}`} aria-hidden="true">${label}</span>`)}</div>
          <div class="plane-images">
            ${corners.map(
              ({ label }) =>
                html`<figure><canvas width="28" height="28" role="img" aria-label=${label}></canvas><figcaption>${label}</figcaption></figure>`,
            )}
            ${
              this.picked
                ? html`<figure data-picked><canvas width="28" height="28" role="img" aria-label=${t('plane.picked')}></canvas>
                  <figcaption>E = ${text(this.picked.energy)}</figcaption></figure>`
                : nothing
            }
          </div>
        </div>
        <p class="map-key">${grid ? html`<span>${lowest}</span><i style=${`background: ${cssGradient(colourTable('energy', theme.value))}`}></i><span>${highest}</span>` : this.refusal ? '' : t('gallery.measuring')}</p>
        <p class="gallery-note" role="status">${this.refusal || (track.places.length > 0 && plane ? t('plane.away', { chain: chain + 1, away: text(track.away), length: text(8 * plane.unit) }) : t('plane.click'))}</p>
      </div>
    </dialog>`;
  }
}

customElements.define('ebm-plane', PlaneView);
