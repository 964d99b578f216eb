/**
 * The embedding of a model of pairs: where it puts points, how alike two views of a point are and how unlike strangers, how much of its
 * room it uses, and, of images, which are most and least like the anchor.
 */

import { html, nothing } from 'lit';
import './figures.css';
import './latent.css';
import './pairs.css';
import { paced } from '../images/paced.js';
import { PIXELS, paint } from '../images/sheet.js';
import { energyOf, meanEnergies, projected, squareAround } from './embedding-map.js';
import { MapPanel } from './map-panel.js';
import { effectiveRank, neighbourAgreement, principalAxes } from './spread.js';
import { multiples, niceStep, numberFormat, tickFormat } from './ticks.js';

/** @import {Axes} from './spread.js' */
/** @import {Store} from '../state/store.js' */
/** @import {Palette} from './palette.js' */
/** @import {Points} from './map-panel.js' */

/** Milliseconds between two looks at the weights while the clock runs. */
const LOOK = 700;
/** Points that are embedded, most, and those of which two views are. */
const MOST = 500;
const PAIRED = 100;
/** Views of the anchor, and images that are most and least like it. */
const VIEWS = 6;
const ROW = 6;

/** What the panel's figures are of: a network and its data, whatever the anchor. @param {Store} store */
export function runOf({ config, brought }) {
  const { data, model, seed } = config.value ?? {};
  const { anchor, anchorX, anchorY, temperature, confinement, ...network } = /** @type {Record<string, unknown>} */ (
    model ?? {}
  );
  return JSON.stringify([data, network, seed, brought.value]);
}

/** Whether the rule makes views. @param {Store} store */
export const makesViews = ({ manifest, config }) =>
  manifest.value?.sections.objective.find(({ id }) => id === config.value?.objective.id)?.needs === 'pairs';

/** @typedef {{h: Float32Array, axes: Axes, neighbours: number | null, views: Float32Array[] | null, anchor: Float32Array, own: Float32Array | null, ofOwn: Float32Array}} Seen */

class PairsPanel extends MapPanel {
  static properties = {
    ...MapPanel.properties,
    seen: { state: true },
  };

  constructor() {
    super();
    /** @type {Seen | null} */
    this.seen = null;
    /** Of the views. */
    this.seed = 1;
    /** Where points are on the map, in pixels. @type {number[][]} */
    this.places = [];
    /** The anchor of the last look. */
    this.anchored = '';
  }

  /** Numbers of an embedding. */
  get size() {
    return Number(this.store.config.value?.model.embedding ?? 1);
  }

  get temperature() {
    return Number(this.store.config.value?.model.temperature ?? 1);
  }

  /** @returns {Promise<Points>} */
  async #points() {
    if (this.pictures) return this.heldOut(MOST);
    const { engine } = this.store;
    const [points, labels] = [await engine.data(), await engine.labels()];
    return { values: points.slice(0, 2 * MOST), labels: labels.length > 0 ? labels.slice(0, MOST) : undefined };
  }

  /** The number of the anchor among the points, of images. */
  get number() {
    const all = (this.points?.values.length ?? 0) / PIXELS;
    return Number(this.store.config.value?.model.anchor ?? 0) % Math.max(1, all);
  }

  /** @param {Float32Array} values */
  #anchor(values) {
    const model = /** @type {Record<string, unknown>} */ (this.store.config.peek()?.model ?? {});
    if (!this.pictures) return Float32Array.from([Number(model.anchorX), Number(model.anchorY)]);
    return values.slice(this.number * PIXELS, (this.number + 1) * PIXELS);
  }

  /** @override */
  look = paced(
    () =>
      this.ofRun(
        async () => {
          const { engine } = this.store;
          this.points ??= await this.#points();
          const { values, labels } = this.points;
          const d = this.pictures ? PIXELS : 2;
          const { seed, size } = this;
          const anchor = this.#anchor(values);
          const h = await engine.embed(values);
          const some = values.slice(0, PAIRED * d);
          const viewed = async (/** @type {number} */ which) =>
            engine.embed(await engine.views(some, 2 * seed + which));
          const views = makesViews(this.store) ? [await viewed(0), await viewed(1)] : null;
          const repeated = new Float32Array(VIEWS * d);
          for (let i = 0; i < VIEWS; i++) repeated.set(anchor, i * d);
          const own = views !== null && this.pictures ? await engine.views(repeated, 2 * seed) : null;
          return {
            h,
            views,
            own,
            ofOwn: own === null ? new Float32Array(0) : await engine.embed(own),
            anchor: await engine.embed(anchor),
            axes: principalAxes(h, size),
            neighbours: labels === undefined ? null : neighbourAgreement(h, size, labels),
          };
        },
        (seen) => {
          this.seen = seen;
        },
      ),
    this.wait(LOOK),
    this.refused,
  );

  /** @override */
  forget() {
    super.forget();
    this.seen = null;
  }

  /** @override @param {Map<PropertyKey, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    const { anchor, anchorX, anchorY } = /** @type {Record<string, unknown>} */ (this.store.config.value?.model ?? {});
    const anchored = JSON.stringify([anchor, anchorX, anchorY]);
    if (anchored === this.anchored) return;
    this.anchored = anchored;
    this.look();
  }

  /** Another point is the anchor. @param {number} i */
  #choose(i) {
    const { values } = /** @type {Points} */ (this.points);
    const model = this.pictures ? { anchor: i } : { anchorX: values[2 * i], anchorY: values[2 * i + 1] };
    this.store.configure({ model }).catch(this.refused);
  }

  #another = () => {
    const all = (this.points?.values.length ?? 0) / (this.pictures ? PIXELS : 2);
    const inside = Array.from({ length: all }, (_, i) => i).filter(
      (i) => this.pictures || [0, 1].every((k) => Math.abs(/** @type {Points} */ (this.points).values[2 * i + k]) <= 4),
    );
    if (inside.length > 0) this.#choose(inside[Math.floor(Math.random() * inside.length)]);
  };

  #again = () => {
    this.seed += 1;
    this.look();
  };

  /** The point that is nearest on the map becomes the anchor. */
  #onPointer = (/** @type {PointerEvent} */ event) => {
    const box = /** @type {HTMLCanvasElement} */ (event.currentTarget).getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top];
    let [nearest, least] = [-1, Number.POSITIVE_INFINITY];
    this.places.forEach(([x, y], i) => {
      const far = Math.hypot(x - at[0], y - at[1]);
      if (far < least) [nearest, least] = [i, far];
    });
    if (nearest >= 0) this.#choose(nearest);
  };

  /** @override @param {CanvasRenderingContext2D} context @param {number[]} box @param {Palette} palette */
  drawMap(context, [width, height], palette) {
    this.places = [];
    const { seen, size } = this;
    if (seen === null) return;
    const map = (/** @type {Float32Array} */ h) => projected(h, size, seen.axes.directions);
    const points = map(seen.h);
    // Of more than two axes without a spread there are none to show.
    if (points.some((place) => place.length < 2)) return;
    const round = size === 2 && this.store.config.peek()?.model.normalise === true;
    const { centre, half } = round ? { centre: [0, 0], half: 1.15 } : squareAround(points);
    const at = (/** @type {number[]} */ [x, y]) =>
      /** @type {[number, number]} */ ([
        (0.5 + (x - centre[0]) / (2 * half)) * width,
        size === 1 ? (0.5 - 0.4 * y) * height : (0.5 - (y - centre[1]) / (2 * half)) * height,
      ]);
    context.lineWidth = 1;
    if (round) {
      context.strokeStyle = palette.line;
      context.beginPath();
      context.arc(width / 2, height / 2, width / 2.3, 0, 2 * Math.PI);
      context.stroke();
    } else this.#drawGrid(context, [width, height], at, { centre, half }, palette);
    if (seen.views !== null) {
      const [from, to] = seen.views.map(map);
      context.strokeStyle = palette.muted;
      context.globalAlpha = 0.6;
      context.beginPath();
      from.forEach((place, i) => {
        context.moveTo(...at(place));
        context.lineTo(...at(size === 1 ? [to[i][0], place[1]] : to[i]));
      });
      context.stroke();
      context.globalAlpha = 1;
    }
    this.places = points.map(at);
    this.places.forEach((place, i) => {
      this.drawPoint(context, place, this.points?.labels?.[i], palette);
    });
    const [anchor] = map(seen.anchor);
    this.drawRing(context, at(size === 1 ? [anchor[0], 0] : anchor), palette);
  }

  /** Lines at round numbers, of a line the upright ones alone. @param {CanvasRenderingContext2D} context @param {number[]} box @param {(place: number[]) => [number, number]} at @param {{centre: number[], half: number}} square @param {Palette} palette */
  #drawGrid(context, [width, height], at, { centre, half }, palette) {
    const step = niceStep(2 * half, 4);
    const text = tickFormat(this.store.locale.value, step);
    context.font = `11px ${palette.font}`;
    context.strokeStyle = palette.line;
    context.fillStyle = palette.muted;
    context.globalAlpha = 0.5;
    for (const axis of this.size === 1 ? [0] : [0, 1]) {
      for (const value of multiples(centre[axis] - half, centre[axis] + half, step)) {
        const [x, y] = at(axis === 0 ? [value, centre[1]] : [centre[0], value]);
        context.beginPath();
        context.moveTo(axis === 0 ? x : 0, axis === 0 ? 0 : y);
        context.lineTo(axis === 0 ? x : width, axis === 0 ? height : y);
        context.stroke();
        context.textAlign = axis === 0 ? 'center' : 'left';
        context.textBaseline = axis === 0 ? 'bottom' : 'middle';
        // The corner is that of the lower axis.
        if (axis === 0 ? x > 16 && x < width - 16 : y < height - 20 && y > 8) {
          context.globalAlpha = 1;
          context.fillText(text(value), axis === 0 ? x : 4, axis === 0 ? height - 2 : y);
          context.globalAlpha = 0.5;
        }
      }
    }
    context.globalAlpha = 1;
  }

  #figures() {
    const { t, locale } = this.store;
    const { seen, size, temperature } = this;
    const text = numberFormat(locale.value);
    const number = (/** @type {number | null | undefined} */ x) => (x == null || Number.isNaN(x) ? '–' : text(x));
    const share = (/** @type {number} */ x) =>
      new Intl.NumberFormat(locale.value, { style: 'percent', maximumFractionDigits: 1 }).format(x);
    const row = (/** @type {string} */ name, /** @type {string} */ value) =>
      html`<div title=${t(`pairs.about.${name}`)}><dt>${t(`pairs.${name}`)}</dt><dd>${value}</dd></div>`;
    const means = seen?.views ? meanEnergies(seen.views[0], seen.views[1], size, temperature) : null;
    const deviations = seen?.axes.deviations ?? [];
    const rank = effectiveRank(deviations);
    const neighbours = seen?.neighbours;
    const spread = Math.sqrt(deviations.reduce((sum, d) => sum + d * d, 0) / size);
    return html`<dl class="figures">
      ${row('views', number(means?.views))} ${row('strangers', number(means?.strangers))}
      ${row('spread', deviations.length > 0 ? number(spread) : '–')}
      ${row('rank', rank === null ? '–' : t('pairs.of', { rank: text(rank), size }))}
      ${this.points?.labels ? row('neighbours', neighbours == null ? '–' : share(neighbours)) : nothing}
    </dl>`;
  }

  /** Images in a row, with their energies; those that can become the anchor are buttons. @param {string} name @param {{energy: number, number?: number}[]} row */
  #strip(name, row) {
    const { t, locale } = this.store;
    const text = numberFormat(locale.value);
    const picture = (/** @type {number} */ i) =>
      html`<canvas data-row=${name} data-of=${i} width="28" height="28" aria-hidden="true"></canvas>`;
    return html`<div class="pairs-row"><h4>${t(`pairs.${name}`)}</h4><ul>${row.map(
      ({ energy, number }, i) =>
        html`<li>${
          number === undefined
            ? picture(i)
            : html`<button type="button" aria-label=${t('pairs.choose', { energy: text(energy) })} title=${t('pairs.choose', { energy: text(energy) })} @click=${() => this.#choose(number)}>${picture(i)}</button>`
        }<span>${text(energy)}</span></li>`,
    )}</ul></div>`;
  }

  /** Most and least like the anchor, of all that are not it. */
  get ranked() {
    const { seen, size, temperature, number: anchor } = this;
    if (seen === null) return [];
    return Array.from({ length: seen.h.length / size }, (_, number) => ({
      number,
      energy: energyOf(seen.h, number, seen.anchor, 0, size, temperature),
    }))
      .filter(({ number }) => number !== anchor)
      .sort((a, b) => a.energy - b.energy);
  }

  #strips() {
    const { t } = this.store;
    const { seen, size, temperature, ranked } = this;
    const own = Array.from({ length: (seen?.ofOwn.length ?? 0) / size }, (_, i) => ({
      energy: energyOf(/** @type {Seen} */ (seen).ofOwn, i, /** @type {Seen} */ (seen).anchor, 0, size, temperature),
    }));
    return html`<div class="pairs-strips">
      <figure><canvas data-row="anchor" data-of="0" width="28" height="28" role="img" aria-label=${t('pairs.anchor')}></canvas><figcaption>${t('pairs.anchor')}</figcaption></figure>
      <div>
        ${own.length > 0 ? this.#strip('own', own) : nothing}
        ${this.#strip('alike', ranked.slice(0, ROW))}
        ${this.#strip('unlike', ranked.slice(-ROW).reverse())}
      </div>
    </div>`;
  }

  /** @override */
  updated() {
    super.updated();
    const { points, seen, ranked } = this;
    if (!this.pictures || points === null || seen === null) return;
    const image = (/** @type {number} */ i) => points.values.subarray(i * PIXELS, (i + 1) * PIXELS);
    /** @type {Record<string, (i: number) => Float32Array | undefined>} */
    const rows = {
      anchor: () => image(this.number),
      own: (i) => seen.own?.subarray(i * PIXELS, (i + 1) * PIXELS),
      alike: (i) => image(ranked[i].number),
      unlike: (i) => image(ranked[ranked.length - 1 - i].number),
    };
    for (const canvas of /** @type {NodeListOf<HTMLCanvasElement>} */ (this.querySelectorAll('canvas[data-row]'))) {
      const values = rows[canvas.dataset.row ?? '']?.(Number(canvas.dataset.of));
      if (values) paint(canvas, values, 1);
    }
  }

  /** @override */
  render() {
    const { t, theme } = this.store;
    theme.value;
    const { size, pictures } = this;
    const views = makesViews(this.store);
    const kind = size === 1 ? 'line' : size === 2 ? 'plane' : 'axes';
    return html`<section class="latent pairs" ?data-line=${size === 1}>
      <h3>${t('pairs.title')}</h3>
      <canvas class="latent-map" role="img" aria-label=${t('pairs.map')} ?data-line=${size === 1} @pointerdown=${this.#onPointer}></canvas>
      <div class="latent-chains">
        <ul class="latent-legend">
          <li data-kind="point">${t('pairs.point')}</li>
          ${views ? html`<li data-kind="views">${t('pairs.twoViews')}</li>` : nothing}
          <li data-kind="anchor">${t('pairs.anchor')}</li>
        </ul>
        <div class="latent-buttons">
          <button type="button" class="plain" ?disabled=${this.seen === null} @click=${this.#another}>${t('pairs.another')}</button>
          ${views ? html`<button type="button" class="plain" ?disabled=${this.seen === null} @click=${this.#again}>${t('pairs.again')}</button>` : nothing}
        </div>
      </div>
      <div class="latent-beside">${this.#figures()}</div>
      ${pictures ? this.#strips() : nothing}
      <p class="latent-note">${t(`pairs.about.${kind}`)} ${pictures ? t('pairs.about.images') : t('pairs.about.drag')}</p>
    </section>`;
  }
}

customElements.define('ebm-pairs', PairsPanel);
