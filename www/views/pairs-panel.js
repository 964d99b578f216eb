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
import { makesViews } from './pairs-run.js';
import { effectiveRank, neighbourAgreement, principalAxes } from './spread.js';
import { multiples, niceStep, numberFormat, tickFormat } from './ticks.js';

/** @import {Axes} from './spread.js' */
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
/** The anchor stays in the world. */
const REACH = 4;

/** @typedef {{points: Points, h: Float32Array, axes: Axes, neighbours: number | null, views: Float32Array[] | null, anchor: Float32Array, image: Float32Array, own: Float32Array, ofOwn: Float32Array}} Seen */

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
    /** Where the anchor is. @type {number[] | null} */
    this.ring = null;
    /** What the last look was at. */
    this.asked = '';
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

  /** The number of the anchor among all images, as the core counts it. @param {Points} points */
  #number({ all }) {
    const count = (all?.length ?? 0) / PIXELS;
    return Number(this.store.config.peek()?.model.anchor ?? 0) % Math.max(1, count);
  }

  /** @param {Points} points */
  #anchor(points) {
    const model = /** @type {Record<string, unknown>} */ (this.store.config.peek()?.model ?? {});
    if (!this.pictures) return Float32Array.from([Number(model.anchorX), Number(model.anchorY)]);
    const number = this.#number(points);
    return points.all?.slice(number * PIXELS, (number + 1) * PIXELS) ?? new Float32Array(0);
  }

  #look = paced(
    () =>
      this.ofRun(
        async () => {
          const { engine } = this.store;
          const { seed, size, version } = this;
          const points = await this.known(() => this.#points());
          const { values, labels } = points;
          const d = this.pictures ? PIXELS : 2;
          const anchor = this.#anchor(points);
          const some = values.slice(0, PAIRED * d);
          const makes = makesViews(this.store) && anchor.length > 0;
          // What is made of points first, and then all by one network: while it learns, two questions are of two.
          const views = makes ? [await engine.views(some, 2 * seed), await engine.views(some, 2 * seed + 1)] : [];
          const repeated = new Float32Array(makes && this.pictures ? VIEWS * d : 0);
          for (let i = 0; i < repeated.length; i += d) repeated.set(anchor, i);
          const own = repeated.length > 0 ? await engine.views(repeated, 2 * seed) : repeated;
          const parts = [values, anchor, own, ...views];
          const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
          parts.reduce((at, part) => {
            all.set(part, at);
            return at + part.length;
          }, 0);
          const embedded = await engine.embed(all);
          let from = 0;
          const [h, ofAnchor, ofOwn, ...ofViews] = parts.map((part) => {
            const rows = embedded.slice(from, from + (part.length / d) * size);
            from += rows.length;
            return rows;
          });
          const neighbours = labels === undefined ? null : neighbourAgreement(h, size, labels);
          const axes = principalAxes(h, size);
          return {
            version,
            seen: {
              points,
              h,
              views: makes ? ofViews : null,
              anchor: ofAnchor,
              image: anchor,
              own,
              ofOwn,
              axes,
              neighbours,
            },
          };
        },
        ({ version, seen }) => {
          if (version === this.version) this.seen = seen;
        },
      ),
    this.wait(LOOK),
    this.refused,
  );

  /** What is seen hangs on the weights, the points, the anchor, and what the rule is told of views: with the same ones it is the same. @override */
  look = () => {
    const { frame, config } = this.store;
    const { anchor, anchorX, anchorY } = /** @type {Record<string, unknown>} */ (config.peek()?.model ?? {});
    const all = [frame.peek()?.clock.update, this.run, this.version, this.seed, anchor, anchorX, anchorY];
    const asked = JSON.stringify([...all, config.peek()?.objective]);
    if (asked === this.asked) return;
    this.asked = asked;
    this.#look();
  };

  /** @override */
  forget() {
    super.forget();
    this.seen = null;
  }

  /** @override @param {Map<PropertyKey, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    // Anchor, views: whatever is turned renders the panel anew.
    this.store.config.value;
    this.look();
  }

  /** Whether a point may be the anchor: those far out in the plane may not. @param {number} i */
  #may(i) {
    const { values } = /** @type {Seen} */ (this.seen).points;
    return this.pictures || [0, 1].every((k) => Math.abs(values[2 * i + k]) <= REACH);
  }

  /** Another point is the anchor. @param {number} i */
  #choose(i) {
    const { values } = /** @type {Seen} */ (this.seen).points;
    const model = this.pictures ? { anchor: i } : { anchorX: values[2 * i], anchorY: values[2 * i + 1] };
    this.store.configure({ model }).catch(this.refused);
  }

  /** Numbers of the points that are on the map and may be the anchor. */
  #choices() {
    return this.seen === null ? [] : Array.from(this.places.keys()).filter((i) => this.#may(i));
  }

  #another = () => {
    const all = this.#choices();
    if (all.length > 0) this.#choose(all[Math.floor(Math.random() * all.length)]);
  };

  #again = () => {
    this.seed += 1;
    this.look();
  };

  /** The point that is nearest to a place of the map becomes the anchor, of those that are to be asked. @param {number[]} at @param {(place: number[]) => boolean} [asked] */
  #chooseNear([x, y], asked = () => true) {
    let [nearest, least] = [-1, Number.POSITIVE_INFINITY];
    for (const i of this.#choices()) {
      const far = Math.hypot(this.places[i][0] - x, this.places[i][1] - y);
      if (far < least && asked(this.places[i])) [nearest, least] = [i, far];
    }
    if (nearest >= 0) this.#choose(nearest);
  }

  #onClick = (/** @type {MouseEvent} */ event) => {
    const box = /** @type {HTMLCanvasElement} */ (event.currentTarget).getBoundingClientRect();
    this.#chooseNear([event.clientX - box.left, event.clientY - box.top]);
  };

  /** An arrow goes to the nearest point in its direction. */
  #onKey = (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (by === undefined || this.ring === null) return;
    event.preventDefault();
    const [x, y] = this.ring;
    this.#chooseNear(this.ring, (place) => {
      const [along, across] = [
        (place[0] - x) * by[0] + (place[1] - y) * by[1],
        (place[0] - x) * by[1] + (place[1] - y) * by[0],
      ];
      return along > 1 && along >= Math.abs(across);
    });
  };

  /** @override @param {CanvasRenderingContext2D} context @param {number[]} box @param {Palette} palette */
  drawMap(context, [width, height], palette) {
    [this.places, this.ring] = [[], null];
    const { seen, size } = this;
    if (seen === null) return;
    const map = (/** @type {Float32Array} */ h) => projected(h, size, seen.axes.directions);
    const points = map(seen.h);
    // Of more than two axes without a spread there are none to show, and weights may have become no numbers.
    if (points.length === 0 || points.some((place) => place.length < 2 || !place.every(Number.isFinite))) return;
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
      this.drawPoint(context, place, seen.points.labels?.[i], palette);
    });
    const [anchor] = map(seen.anchor);
    if (!anchor?.every(Number.isFinite)) return;
    this.ring = at(size === 1 ? [anchor[0], 0] : anchor);
    this.drawRing(context, this.ring, palette);
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
      ${seen?.points.labels ? row('neighbours', neighbours == null ? '–' : share(neighbours)) : nothing}
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

  /** The points of the map by how like the anchor they are, without it. */
  get ranked() {
    const { seen, size, temperature } = this;
    if (seen === null || seen.anchor.length === 0) return [];
    const anchor = this.#number(seen.points);
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
    const { seen, ranked } = this;
    if (!this.pictures || seen === null) return;
    const image = (/** @type {number} */ i) => seen.points.values.subarray(i * PIXELS, (i + 1) * PIXELS);
    /** @type {Record<string, (i: number) => Float32Array | undefined>} */
    const rows = {
      anchor: () => seen.image,
      own: (i) => seen.own.subarray(i * PIXELS, (i + 1) * PIXELS),
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
      <canvas class="latent-map" tabindex="0" role="group" aria-label=${t('pairs.map')} ?data-line=${size === 1} @click=${this.#onClick} @keydown=${this.#onKey}></canvas>
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
