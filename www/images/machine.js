/** What the hidden units of a Boltzmann machine have learned, and how likely it finds held-out images. */

import { html, nothing } from 'lit';
import { Watched } from '../controls/watched.js';
import { numberFormat, tickFormat } from '../views/ticks.js';
import { paced } from './paced.js';
import { PIXELS, paint, signed } from './sheet.js';

/** @import {Likelihood, LogPartition} from '../engine/protocol.js' */

/** Milliseconds between two looks at the weights while the clock runs, and between two looks at held-out images, of which so many. */
const LOOK = 700;
const JUDGE = 3000;
const JUDGED = 100;
/** Pixels of which all states are counted at every look. */
const COUNTED = 16;
/** Steps of annealed importance sampling. */
const STEPS = 1000;
/** Pixels between the squares of two units. */
const GAP = 2;
/** Pixels under the square of a unit: a bar, and room around it. */
const ROOM = 5;

class Machine extends Watched {
  static properties = {
    hasUnits: { attribute: false },
    on: { attribute: false },
    pixels: { attribute: false },
    exact: { state: true },
    filters: { state: true },
    pseudo: { state: true },
    estimating: { state: true },
    partition: { state: true },
  };

  constructor() {
    super();
    /** Whether there are hidden units, and not an energy alone of which all states are counted. */
    this.hasUnits = false;
    /** How likely the chosen sample has each unit on. @type {ArrayLike<number>} */
    this.on = [];
    /** Of an image. */
    this.pixels = PIXELS;
    /** What is known exactly; null where nothing is, or too much to count it again and again. @type {Likelihood | null} */
    this.exact = null;
    /** [hidden · pixels] @type {Float32Array} */
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
      if (!this.estimating && this.hasUnits) this.filters = await this.store.engine.filters();
    },
    this.#wait(LOOK),
    this.#refused,
  );

  judge = paced(
    async () => {
      if (this.estimating) return;
      const { engine } = this.store;
      this.pseudo = this.hasUnits ? await engine.pseudoLogLikelihood(JUDGED) : null;
      this.exact = this.pixels <= COUNTED ? await engine.exactLikelihood() : null;
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
    return this.filters.length / this.pixels;
  }

  get columns() {
    return this.units > 64 ? 32 : 16;
  }

  /** @override */
  updated() {
    const canvas = this.querySelector('canvas');
    if (canvas === null || this.units === 0) return;
    const how = { shade: signed(this.filters, this.colours()), side: Math.sqrt(this.pixels), gap: GAP, room: ROOM };
    const { width, height } = paint(canvas, this.filters, this.columns, how);
    const context = canvas.getContext('2d');
    if (context === null || this.on.length !== this.units) return;
    context.fillStyle = getComputedStyle(canvas).color;
    Array.from(this.on).forEach((on, j) => {
      const [x, y] = [(j % this.columns) * width, (Math.floor(j / this.columns) + 1) * height - ROOM];
      context.fillRect(x, y, Math.round((width - GAP) * on), ROOM - 2);
    });
  }

  /** What has been counted out. */
  #known() {
    const { t, locale } = this.store;
    const { exact } = this;
    if (exact === null) return nothing;
    const text = tickFormat(locale.value, 1e-3);
    const figure = (/** @type {string} */ name, /** @type {number | null} */ value) =>
      value === null
        ? nothing
        : html`<div title=${t(`machine.${name}About`)}><dt>${t(`machine.${name}`)}</dt><dd>${text(value)}</dd></div>`;
    return html`${figure('likelihood', exact.heldOut)} ${figure('most', exact.entropy === null ? null : -exact.entropy)}
      ${figure('mass', exact.mass)} ${figure('logZ', exact.logPartition)}`;
  }

  /** @override */
  render() {
    const { t, locale, theme, count } = this.store;
    theme.value;
    const { partition, pseudo } = this;
    // To two digits of the error, and no more than single precision has.
    const text = tickFormat(locale.value, Math.max(1e-4, (partition?.standardError ?? 0) / 10));
    // What is counted at every look need not be said twice.
    const known = this.exact !== null;
    const exact = !known && partition && partition.exact !== null;
    const spread = partition && ` ± ${text(partition.standardError)}`;
    const units = html`<h3>${t('machine.title')}</h3>
      <canvas class="machine-filters" data-tile="filters" role="img" aria-label=${t('machine.filters', { n: this.units })}></canvas>
      <p class="gallery-note">${t('machine.about')}</p>`;
    const estimated =
      partition &&
      html`<div title=${t('machine.estimateAbout', { chains: partition.chains, steps: count(STEPS) })}><dt>${t('machine.annealed')}</dt>
        <dd>${text(partition.estimate)}${spread}${exact ? html` <small>${t('machine.exact', { exact: text(Number(partition.exact)) })}</small>` : nothing}</dd></div>
        ${known ? nothing : html`<div><dt>${t('machine.heldOut')}</dt><dd>${text(partition.heldOut)}${exact ? nothing : spread}</dd></div>`}`;
    const estimates = html`<div title=${t('machine.pseudoAbout', { n: JUDGED })}><dt>${t('machine.pseudo')}</dt><dd>${pseudo === null ? '–' : numberFormat(locale.value, 4)(pseudo)}</dd></div>
      ${this.#known()} ${estimated ?? nothing}
      <div><dt><button type="button" class="more" title=${t('machine.estimateAbout', { chains: 128, steps: count(STEPS) })}
        ?disabled=${this.estimating} @click=${this.#estimate}>${t(this.estimating ? 'machine.estimating' : 'machine.estimate')}</button></dt>
        <dd><small>${partition === null ? '' : t('machine.update', { update: count(partition.update) })}</small></dd></div>`;
    return html`<section class="machine">${this.hasUnits ? units : html`<h3>${t('machine.counted')}</h3>`}
      <dl class="machine-figures">${this.hasUnits ? estimates : this.#known()}</dl>
    </section>`;
  }
}

customElements.define('ebm-machine', Machine);
