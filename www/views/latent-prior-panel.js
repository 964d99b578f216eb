/**
 * The latent space of a model whose prior an energy tilts: how likely each place is before and after, and chains of the prior and of the
 * posterior of data on their way through it.
 */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import './figures.css';
import './latent.css';
import { paced } from '../images/paced.js';
import { LatentChart, SIDE } from './latent-chart.js';
import { gridOf, pointOf, REACH, shadeOf } from './latent-map.js';
import { tickFormat } from './ticks.js';

/** @import {LatentChains} from '../engine/protocol.js' */
/** @import {Palette} from './palette.js' */

/** @typedef {'before' | 'after' | 'images'} Shows */
/** @typedef {{colour: string, round: boolean, places: Float32Array[]}} Kind */

/** Milliseconds between two looks at the weights while the clock runs, and between two moments of chains that are played. */
const LOOK = 1500;
const FRAME = 120;
/** Chains of each kind, and the pieces of their way. */
const CHAINS = 64;
const PIECES = 20;
/** Moments that a trail reaches back. */
const TRAIL = 5;
/** Corners of the mark of a sample. */
const DIAMOND = [
  [0, -4],
  [4, 0],
  [0, 4],
  [-4, 0],
];
/** Cells of a side of the map, and of a line. */
const CELLS = 64;
const LINE = 321;

class LatentPriorPanel extends LatentChart {
  static properties = {
    ...LatentChart.properties,
    shows: { state: true },
    tilt: { state: true },
    chains: { state: true },
    ends: { state: true },
    moment: { state: true },
    playing: { state: true },
  };

  constructor() {
    super();
    /** @type {Shows} */
    this.shows = 'after';
    /** f at the cells of the map, or of the line. @type {Float32Array | null} */
    this.tilt = null;
    /** @type {LatentChains | null} */
    this.chains = null;
    /** Mean f at the ends of the chains of the posterior and of the prior. @type {number[] | null} */
    this.ends = null;
    /** Pieces of the way that the chains have come. */
    this.moment = PIECES;
    this.playing = false;
    this.seed = 1;
  }

  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** Whether chains are seen against the prior, and not against images. */
  get plain() {
    return this.shows !== 'images' || this.sheet === null;
  }

  /** The place that the map goes through. @param {LatentChains} chains */
  #placed({ posterior }) {
    // A slice through 0 of many variables is one through nothing likely: unless someone chose it, it goes through what is found of a point.
    const found = [...(posterior.places.at(-1) ?? []).slice(0, this.size)];
    return this.dragged || this.size <= 2 || found.length < this.size ? this.z : found;
  }

  /** @override */
  look = paced(
    () =>
      this.ofRun(
        async () => {
          const { engine } = this.store;
          const { values } = await this.known(() => this.heldOut(CHAINS));
          const chains = await engine.latentChains(values, PIECES, this.seed);
          const z = this.#placed(chains);
          const tilt = await engine.tilt(gridOf(z, this.shown, this.size === 1 ? LINE : CELLS));
          const mean = (/** @type {Float32Array} */ values) => values.reduce((sum, f) => sum + f, 0) / values.length;
          const ends = [];
          for (const { places } of [chains.posterior, chains.prior])
            ends.push(mean(await engine.tilt(places.at(-1) ?? new Float32Array(0))));
          return { decoded: await this.decodeAll(z), found: { tilt, chains, ends } };
        },
        ({ decoded, found }) => {
          Object.assign(this, found);
          this.settle(decoded);
        },
      ),
    this.wait(LOOK),
    this.refused,
  );

  /** @override */
  forget() {
    super.forget();
    this.#stop();
    Object.assign(this, { tilt: null, chains: null, ends: null, moment: PIECES });
  }

  #stop() {
    clearInterval(this.#timer);
    this.playing = false;
  }

  #play = () => {
    if (this.playing) return this.#stop();
    if (this.moment === PIECES) this.moment = 0;
    this.playing = true;
    this.#timer = setInterval(() => {
      this.moment = Math.min(PIECES, this.moment + 1);
      if (this.moment === PIECES) this.#stop();
    }, FRAME);
  };

  #again = () => {
    this.seed += 1;
    this.look();
  };

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.#stop();
  }

  /** Both kinds of chains, those of data last. @param {Palette} palette */
  #kinds(palette) {
    const { chains } = this;
    if (chains === null) return [];
    return [
      { colour: palette.model, round: false, places: chains.prior.places },
      { colour: palette.data, round: true, places: chains.posterior.places },
    ];
  }

  /** @override @param {CanvasRenderingContext2D} context @param {number[]} box @param {Palette} palette */
  drawPlane(context, box, palette) {
    const at = (/** @type {number[]} */ place) => pointOf(place, box);
    if (!this.plain) this.drawImages(context, [0, 0, box[0], box[1]], SIDE);
    else if (this.tilt !== null) this.#drawShade(context, box, palette.ink);
    this.drawCircles(context, at, this.plain ? palette.line : 'rgb(255 255 255 / 45%)');
    for (const kind of this.#kinds(palette)) this.#drawChains(context, at, kind, palette.surface);
    this.drawPlace(context, at, palette);
  }

  /** The likelier a place is, the stronger. @param {CanvasRenderingContext2D} context @param {number[]} box @param {string} ink */
  #drawShade(context, [width, height], ink) {
    const tilt = /** @type {Float32Array} */ (this.tilt);
    const shade = shadeOf(this.shows === 'before' ? tilt.map(() => 0) : tilt, CELLS);
    const cells = document.createElement('canvas');
    [cells.width, cells.height] = [CELLS, CELLS];
    const small = /** @type {CanvasRenderingContext2D} */ (cells.getContext('2d'));
    small.fillStyle = ink;
    shade.forEach((share, cell) => {
      small.globalAlpha = 0.42 * share;
      small.fillRect(cell % CELLS, Math.floor(cell / CELLS), 1, 1);
    });
    context.imageSmoothingQuality = 'high';
    context.drawImage(cells, 0, 0, width, height);
  }

  /** @param {CanvasRenderingContext2D} context @param {(place: number[]) => number[]} at @param {Kind} kind @param {string} around */
  #drawChains(context, at, { colour, round, places }, around) {
    const now = Math.min(this.moment, places.length - 1);
    if (now < 0) return;
    const { size } = this;
    const place = (/** @type {number} */ chain, /** @type {number} */ moment) =>
      at(this.shown.map((axis) => places[moment][chain * size + axis]));
    context.lineWidth = 1;
    for (let chain = 0; chain < places[0].length / size; chain++) {
      context.globalAlpha = 0.35;
      context.strokeStyle = colour;
      context.beginPath();
      for (let moment = Math.max(0, now - TRAIL); moment <= now; moment++) {
        const [x, y] = place(chain, moment);
        context.lineTo(x, y);
      }
      context.stroke();
      context.globalAlpha = 1;
      const [x, y] = place(chain, now);
      context.beginPath();
      if (round) context.arc(x, y, 3, 0, 2 * Math.PI);
      else {
        for (const [dx, dy] of DIAMOND) context.lineTo(x + dx, y + dy);
        context.closePath();
      }
      context.fillStyle = colour;
      context.fill();
      context.strokeStyle = around;
      context.stroke();
    }
  }

  /** The prior before and after tilting, and the chains on two rows under it. @override @param {CanvasRenderingContext2D} context @param {number[]} box @param {Palette} palette */
  drawLine(context, [width, height], palette) {
    const row = this.sheet === null ? 0 : width / SIDE;
    if (row > 0) this.drawImages(context, [0, 0, width, row], 1);
    const [scale, chains] = [16, 12];
    const floor = height - scale - 2 * chains;
    const places = Array.from({ length: LINE }, (_, i) => ((2 * i + 1) / LINE - 1) * REACH);
    const law = (/** @type {(i: number) => number} */ energy) => {
      const energies = places.map((z, i) => 0.5 * z * z + energy(i));
      const least = Math.min(...energies);
      const weights = energies.map((e) => Math.exp(least - e));
      const total = (weights.reduce((sum, w) => sum + w, 0) * 2 * REACH) / LINE;
      return weights.map((w) => w / total);
    };
    const { tilt } = this;
    const [before, after] = [law(() => 0), law((i) => tilt?.[i] ?? 0)];
    const most = Math.max(...before, ...after);
    const path = (/** @type {number[]} */ density) => {
      context.beginPath();
      density.forEach((p, i) => {
        context.lineTo(((i + 0.5) / LINE) * width, floor - (p / most) * (floor - row - 6));
      });
    };
    path(after);
    context.lineTo(width, floor);
    context.lineTo(0, floor);
    context.globalAlpha = 0.3;
    context.fillStyle = palette.model;
    context.fill();
    context.globalAlpha = 1;
    path(before);
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.5;
    context.stroke();
    this.#kinds(palette).forEach((kind, i) => {
      const y = floor + (i + 0.5) * chains;
      this.#drawChains(context, ([z]) => [pointOf([z], [width, 0])[0], y], kind, palette.surface);
    });
    this.drawScale(context, [width, height], [row, floor], palette);
  }

  #choices() {
    const { t } = this.store;
    const { size, pictures } = this;
    const mode = (/** @type {Shows} */ shows) =>
      html`<button type="button" aria-pressed=${this.shows === shows} @click=${() => {
        this.shows = shows;
      }}>${t(`latent.prior.${shows}`)}</button>`;
    return html`<div class="latent-choices">
      ${size > 1 ? html`<div class="segmented" role="group" aria-label=${t('latent.shows')}>${mode('before')}${mode('after')}${pictures ? mode('images') : nothing}</div>` : nothing}
      ${size > 2 ? this.axesChoice() : nothing}
    </div>`;
  }

  #scrubber() {
    const { t, locale } = this.store;
    const share = new Intl.NumberFormat(locale.value, { style: 'percent' }).format(this.moment / PIECES);
    return html`<div class="latent-chains">
      <ul class="latent-legend">
        <li data-kind="prior">${t('latent.prior.ofPrior')}</li>
        <li data-kind="posterior">${t('latent.prior.ofPosterior')}</li>
      </ul>
      <label><span>${t('latent.prior.step')}</span>
        <input type="range" min="0" max=${PIECES} .value=${live(String(this.moment))} style=${`--filled: ${(100 * this.moment) / PIECES}%`} aria-valuetext=${t('latent.prior.at', { share })} ?disabled=${this.chains === null}
          @input=${(/** @type {{target: any}} */ { target }) => {
            this.#stop();
            this.moment = Number(target.value);
          }}>
        <span class="latent-moment">${share}</span></label>
      <div class="latent-buttons">
        <button type="button" class="plain" ?disabled=${this.chains === null} @click=${this.#play}>${t(`latent.prior.${this.playing ? 'pause' : 'play'}`)}</button>
        <button type="button" class="plain" ?disabled=${this.chains === null} @click=${this.#again}>${t('latent.prior.again')}</button>
      </div>
    </div>`;
  }

  #figures() {
    const { t, locale } = this.store;
    const write = tickFormat(locale.value, 0.01);
    const row = (/** @type {string} */ name, /** @type {number} */ i) => {
      const value = this.ends?.[i];
      return html`<div title=${t(`latent.prior.about.${name}`)}><dt>${t(`latent.prior.${name}`)}</dt><dd>${value === undefined || Number.isNaN(value) ? '–' : write(value)}</dd></div>`;
    };
    return html`<dl class="figures">${row('energyPosterior', 0)} ${row('energyPrior', 1)}</dl>`;
  }

  /** @override */
  render() {
    const { t, theme } = this.store;
    theme.value;
    const { size, pictures } = this;
    const about = size === 1 ? 'line' : this.plain ? 'plane' : 'images';
    const beside = pictures ? '' : t(`latent.${size === 1 ? 'curve' : size === 2 ? 'lattice' : 'nowhere'}About`);
    return html`<section class="latent latent-prior" ?data-line=${size === 1}>
      <h3>${t('latent.prior.title')}</h3>
      ${this.#choices()}
      ${this.map()}
      ${this.#scrubber()}
      <div class="latent-beside">${this.tile()} ${this.#figures()}</div>
      <p class="latent-note">${t(`latent.prior.about.${about}`)} ${t('latent.prior.about.chains')} ${size > 2 ? t('latent.prior.about.slice') : beside}</p>
    </section>`;
  }
}

customElements.define('ebm-latent-prior', LatentPriorPanel);
