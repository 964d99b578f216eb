/** What the hidden units of a Boltzmann machine have learned, and how likely it finds held-out images. */

import { html, nothing } from 'lit';
import { Watched } from '../controls/watched.js';
import '../views/figures.css';
import { numberFormat, tickFormat } from '../views/ticks.js';
import { paced } from './paced.js';
import { PIXELS, paint, signed } from './sheet.js';

/** @import {Likelihood, LogPartition} from '../engine/protocol.js' */

/** Milliseconds between two looks at the weights while the clock runs, and between two looks at held-out images. */
const LOOK = 700;
const JUDGE = 3000;
/** Pixels of which all states are counted at every look, and most hidden units beside them. */
const COUNTED = 16;
const FEW = 64;
/** Pixels between the squares of two units. */
const GAP = 2;
/** Pixels under the square of a unit: a bar, and room around it. */
const ROOM = 5;

class Machine extends Watched {
  static properties = {
    run: { attribute: false },
    units: { attribute: false },
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
    /** Names what the figures are of: with another one they are none. */
    this.run = '';
    /** Hidden ones; 0 of an energy alone of which all states are counted. */
    this.units = 0;
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
    /** @type {LogPartition | null} */
    this.partition = null;
    /** Update of the last frame. */
    this.seen = 0;
    /** The colours of signed images. @type {() => {below: import('./sheet.js').Rgb, above: import('./sheet.js').Rgb}} */
    this.colours = () => ({ below: [0, 0, 0], above: [0, 0, 0] });
  }

  #refused = (/** @type {unknown} */ error) => this.isConnected && this.store.refused(error);
  #wait = (/** @type {number} */ playing) => () => (this.store.playing.peek() ? playing : 60);

  /** Hands on what is found of the run that it was asked of, and nothing, not even an error, of another. @template T @param {() => Promise<T>} ask @param {(found: T) => void} take */
  async #ofRun(ask, take) {
    const { run } = this;
    const same = () => this.isConnected && run === this.run;
    try {
      const found = await ask();
      if (same()) take(found);
    } catch (error) {
      if (same()) throw error;
    }
  }

  /** The weights are others. */
  look = paced(
    async () => {
      if (this.estimating || !this.isConnected) return;
      // Whoever goes back has weights of which nothing was estimated.
      const update = this.store.frame.peek()?.clock.update ?? 0;
      if (update < this.seen) this.partition = null;
      this.seen = update;
      if (this.units === 0) return;
      await this.#ofRun(
        () => this.store.engine.filters(),
        (filters) => {
          this.filters = filters;
        },
      );
    },
    this.#wait(LOOK),
    this.#refused,
  );

  judge = paced(
    async () => {
      if (this.estimating || !this.isConnected) return;
      const { engine } = this.store;
      const counted = this.pixels <= COUNTED && this.units <= FEW;
      await this.#ofRun(
        async () => ({
          pseudo: this.units > 0 ? await engine.pseudoLogLikelihood(this.judged) : null,
          exact: counted ? await engine.exactLikelihood() : null,
        }),
        (found) => Object.assign(this, found),
      );
    },
    this.#wait(JUDGE),
    this.#refused,
  );

  async #estimate() {
    this.estimating = true;
    try {
      await this.#ofRun(
        () => this.store.engine.logPartition(this.steps, 1),
        (partition) => {
          this.partition = partition;
        },
      );
    } catch (error) {
      this.#refused(error);
    }
    this.estimating = false;
    this.look();
    this.judge();
  }

  /** Held-out images of a look, of which larger machines take fewer. */
  get judged() {
    return Math.max(10, Math.min(100, Math.floor(12_800 / Math.max(1, this.units))));
  }

  /** Steps of annealed importance sampling, likewise. */
  get steps() {
    return Math.max(100, Math.min(1000, Math.floor(256_000 / Math.max(1, this.units))));
  }

  /** Whether there are weights to show. */
  get known() {
    return this.units > 0 && this.filters.length === this.units * this.pixels;
  }

  get columns() {
    return this.units > 64 ? 32 : 16;
  }

  /** @override @param {Map<PropertyKey, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    if (!changed.has('run')) return;
    Object.assign(this, { filters: new Float32Array(0), pseudo: null, exact: null, partition: null });
    this.look();
    this.judge();
  }

  /** @override */
  updated() {
    const canvas = this.querySelector('canvas');
    if (canvas === null) return;
    if (!this.known) {
      canvas.getContext('2d')?.clearRect(0, 0, canvas.width, canvas.height);
      return;
    }
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
    const write = tickFormat(locale.value, Math.max(1e-4, (partition?.standardError ?? 0) / 10));
    const text = (/** @type {number | null} */ x) => (x === null ? '–' : write(x));
    // What is counted at every look need not be said twice.
    const known = this.exact !== null;
    const exact = !known && partition && partition.exact !== null;
    const spread = partition && ` ± ${text(partition.standardError)}`;
    const units = html`<h3>${t('machine.title')}</h3>
      <canvas class="machine-filters" data-tile="filters" role="img" aria-label=${t('machine.filters', { n: this.units })}></canvas>
      <p class="gallery-note">${t('machine.about')}</p>`;
    const estimated =
      partition &&
      html`<div title=${t('machine.estimateAbout', { chains: partition.chains, steps: count(this.steps) })}><dt>${t('machine.annealed')}</dt>
        <dd>${text(partition.estimate)}${spread}${exact ? html` <small>${t('machine.exact', { exact: text(partition.exact) })}</small>` : nothing}</dd></div>
        ${known ? nothing : html`<div><dt>${t('machine.heldOut')}</dt><dd>${text(partition.heldOut)}${exact || partition.heldOut === null ? nothing : spread}</dd></div>`}`;
    const estimates = html`<div title=${t('machine.pseudoAbout', { n: this.judged })}><dt>${t('machine.pseudo')}</dt><dd>${numberFormat(locale.value, 4)(pseudo)}</dd></div>
      ${this.#known()} ${estimated ?? nothing}
      <div><dt><button type="button" class="more" title=${t('machine.estimateAbout', { chains: 128, steps: count(this.steps) })}
        ?disabled=${this.estimating} @click=${this.#estimate}>${t(this.estimating ? 'machine.estimating' : 'machine.estimate')}</button></dt>
        <dd><small>${partition === null ? '' : t('machine.update', { update: count(partition.update) })}</small></dd></div>`;
    return html`<section class="machine">${this.units > 0 ? units : html`<h3>${t('machine.counted')}</h3>`}
      <dl class="figures">${this.units > 0 ? estimates : this.#known()}</dl>
    </section>`;
  }
}

customElements.define('ebm-machine', Machine);
