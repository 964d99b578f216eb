/** What the hidden units of a Boltzmann machine have learned, and how likely it finds held-out images. */

import { html, nothing } from 'lit';
import { Watched } from '../controls/watched.js';
import { numberFormat, tickFormat } from '../views/ticks.js';
import { paced } from './paced.js';
import { PIXELS, paint, signed } from './sheet.js';

/** @import {LogPartition} from '../engine/protocol.js' */

/** Milliseconds between two looks at the weights while the clock runs, and between two looks at held-out images, of which so many. */
const LOOK = 700;
const JUDGE = 3000;
const JUDGED = 100;
/** Steps of annealed importance sampling. */
const STEPS = 1000;
/** Pixels under the square of a unit: a bar, and room around it. */
const ROOM = 5;

class Machine extends Watched {
  static properties = {
    on: { attribute: false },
    filters: { state: true },
    pseudo: { state: true },
    estimating: { state: true },
    partition: { state: true },
  };

  constructor() {
    super();
    /** How likely the chosen sample has each unit on. @type {ArrayLike<number>} */
    this.on = [];
    /** [hidden · 784] @type {Float32Array} */
    this.filters = new Float32Array(0);
    /** Mean of the first held-out images, in nats. @type {number | null} */
    this.pseudo = null;
    this.estimating = false;
    /** What was found, and of which update. @type {(LogPartition & {update: number}) | null} */
    this.partition = null;
    /** The colours of signed images. @type {() => {below: import('./sheet.js').Rgb, above: import('./sheet.js').Rgb}} */
    this.colours = () => ({ below: [0, 0, 0], above: [0, 0, 0] });
  }

  #refused = (/** @type {unknown} */ error) => this.isConnected && this.store.refused(error);
  #wait = (/** @type {number} */ playing) => () => (this.store.playing.peek() ? playing : 60);

  /** The weights are others. */
  look = paced(
    async () => {
      if (!this.estimating) this.filters = await this.store.engine.filters();
    },
    this.#wait(LOOK),
    this.#refused,
  );

  judge = paced(
    async () => {
      if (!this.estimating) this.pseudo = await this.store.engine.pseudoLogLikelihood(JUDGED);
    },
    this.#wait(JUDGE),
    this.#refused,
  );

  async #estimate() {
    this.estimating = true;
    try {
      const { engine } = this.store;
      const update = Number((await engine.metrics()).update);
      this.partition = { ...(await engine.logPartition(STEPS, 1)), update };
    } catch (error) {
      this.#refused(error);
    }
    this.estimating = false;
  }

  get units() {
    return this.filters.length / PIXELS;
  }

  get columns() {
    return this.units > 64 ? 32 : 16;
  }

  /** @override */
  updated() {
    const canvas = this.querySelector('canvas');
    if (canvas === null || this.units === 0) return;
    paint(canvas, this.filters, this.columns, signed(this.filters, this.colours()), ROOM);
    const context = canvas.getContext('2d');
    if (context === null || this.on.length !== this.units) return;
    context.fillStyle = getComputedStyle(canvas).color;
    const side = (canvas.width + 1) / Math.min(this.columns, this.units);
    Array.from(this.on).forEach((on, j) => {
      const [x, y] = [(j % this.columns) * side, Math.floor(j / this.columns) * (side + ROOM)];
      context.fillRect(x, y + side, Math.round((side - 1) * on), ROOM - 2);
    });
  }

  /** @override */
  render() {
    const { t, locale, theme, count } = this.store;
    theme.value;
    const { partition, pseudo } = this;
    // To two digits of the error, and no more than single precision has.
    const text = tickFormat(locale.value, Math.max(1e-4, (partition?.standardError ?? 0) / 10));
    const exact = partition && partition.exact !== null;
    const spread = partition && ` ± ${text(partition.standardError)}`;
    return html`<section class="machine">
      <h3>${t('machine.title')}</h3>
      <canvas class="machine-filters" data-tile="filters" role="img" aria-label=${t('machine.filters', { n: this.units })}></canvas>
      <p class="gallery-note">${t('machine.about')}</p>
      <dl class="machine-figures">
        <div title=${t('machine.pseudoAbout', { n: JUDGED })}><dt>${t('machine.pseudo')}</dt><dd>${pseudo === null ? '–' : numberFormat(locale.value, 4)(pseudo)}</dd></div>
        ${
          partition === null
            ? nothing
            : html`<div title=${t('machine.estimateAbout', { chains: partition.chains, steps: count(STEPS) })}><dt>log Z</dt>
                <dd>${text(partition.estimate)}${spread}${exact ? html` <small>${t('machine.exact', { exact: text(Number(partition.exact)) })}</small>` : nothing}</dd></div>
              <div><dt>${t('machine.heldOut')}</dt><dd>${text(partition.heldOut)}${exact ? nothing : spread}</dd></div>`
        }
        <div><dt><button type="button" class="more" title=${t('machine.estimateAbout', { chains: 128, steps: count(STEPS) })}
          ?disabled=${this.estimating} @click=${this.#estimate}>${t(this.estimating ? 'machine.estimating' : 'machine.estimate')}</button></dt>
          <dd><small>${partition === null ? '' : t('machine.update', { update: count(partition.update) })}</small></dd></div>
      </dl>
    </section>`;
  }
}

customElements.define('ebm-machine', Machine);
