/** The replay buffer: where its chains are, how old they are, whether their energies are those of the data, and the life of one. */

import { html, nothing, svg } from 'lit';
import { bars } from '../views/bars.js';
import './map.js';
import { Question } from './question.js';
import { histogram, mean, range } from './statistics.js';

/** Between two looks, in milliseconds. */
const PERIOD = 250;
/** Chains and points whose energies are asked for. */
const MOST = 2048;
/** Bars of a histogram. */
const BINS = 40;
/** Looks that a life line holds. */
const LONGEST = 600;
/** Size of the drawings, in their own units; they are stretched to the width that there is. */
const WIDTH = 240;
const HEIGHT = 48;

/**
 * The life of one chain as it was seen: each look's update, place, energy and age.
 * @typedef {{update: number, x: number, y: number, energy: number, age: number}[]} Life
 */

class BufferInspector extends Question {
  /** @type {import('lit').PropertyDeclarations} */
  static properties = { seen: { state: true }, chosen: { state: true }, looked: { state: true } };

  constructor() {
    super();
    /** What the last look saw. @type {{chains: Float32Array, ages: Float32Array, own: Float32Array, data: Float32Array} | null} */
    this.seen = null;
    /** The chain whose life is followed. @type {number | null} */
    this.chosen = null;
    /** @type {Life} */
    this.life = [];
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
    this.lastSeen = -1;
    /** Whether it is known if there is a buffer. */
    this.looked = false;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.timer = setInterval(() => this.#look(), PERIOD);
    this.#look();
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  /** Nothing new is to be seen of a run that rests. */
  #look() {
    const { engine, frame } = this.store;
    const update = frame.peek()?.clock.update ?? 0;
    if (update === this.lastSeen || document.hidden) return;
    this.lastSeen = update;
    return this.work(async () => {
      const { chains, ages } = await engine.buffer();
      this.looked = true;
      if (chains.length === 0) {
        this.seen = null;
        return;
      }
      const data = (await engine.data()).subarray(0, 2 * MOST);
      const some = chains.subarray(0, 2 * MOST);
      const followed = this.chosen === null ? [] : [chains[2 * this.chosen], chains[2 * this.chosen + 1]];
      const asked = new Float32Array([...followed, ...some, ...data]);
      const energies = await engine.energy(asked);
      const [from, to] = [followed.length / 2, (followed.length + some.length) / 2];
      this.seen = { chains, ages, own: energies.slice(from, to), data: energies.slice(to) };
      if (this.chosen !== null) this.#note(update, followed, energies[0], ages[this.chosen]);
    });
  }

  /** @param {number} update @param {number[]} place @param {number} energy @param {number} age */
  #note(update, [x, y], energy, age) {
    // A run that was taken back has another past.
    const past = this.life.filter((then) => then.update < update);
    this.life = [...past, { update, x, y, energy, age }].slice(-LONGEST);
  }

  /** Follows the chain next to a place. @param {number} x @param {number} y */
  #follow(x, y) {
    if (this.seen === null) return;
    const { chains } = this.seen;
    let best = 0;
    const away = (/** @type {number} */ i) => (chains[2 * i] - x) ** 2 + (chains[2 * i + 1] - y) ** 2;
    for (let i = 1; i < chains.length / 2; i++) if (away(i) < away(best)) best = i;
    this.#choose(best);
  }

  /** @param {number} i */
  #choose(i) {
    this.chosen = i;
    this.life = [];
    this.lastSeen = -1;
    this.last.then(() => this.#look());
  }

  /** @param {{of: 'data' | 'samples', counts: number[]}[]} all @param {[string, string]} ends @param {string} about */
  #histogram(all, [low, high], about) {
    return html`<svg class="histogram" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${about}>
        ${all.map(({ of, counts }) =>
          bars(counts, WIDTH, HEIGHT).map(
            ([x, y, w, h]) => svg`<rect data-of=${of} x=${x} y=${y} width=${w} height=${h}/>`,
          ),
        )}
      </svg>
      <p class="ends"><span>${low}</span><span>${high}</span></p>`;
  }

  #life() {
    const { t, measure, count } = this.store;
    const { life } = this;
    const last = life[life.length - 1];
    if (!last) return html`<p>${t('examine.buffer.pick')}</p>`;
    const energies = life.map(({ energy }) => energy);
    const [low, high] = [Math.min(...energies), Math.max(...energies)];
    const [first, span] = [life[0].update, Math.max(1, last.update - life[0].update)];
    const line = life
      .map(({ update, energy }) => {
        const x = (WIDTH * (update - first)) / span;
        return `${x.toFixed(1)},${(HEIGHT * (1 - (energy - low) / (high - low || 1))).toFixed(1)}`;
      })
      .join(' ');
    const born = life.filter(({ age }, i) => i > 0 && age < life[i - 1].age).length;
    return html`<svg class="histogram" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img"
        aria-label=${t('examine.buffer.lifeAbout', { low: measure(low), high: measure(high) })}><polyline points=${line}/></svg>
      <p class="ends"><span>${count(first)}</span><span>${t('examine.buffer.span', { low: measure(low), high: measure(high) })}</span><span>${count(last.update)}</span></p>
      <dl class="numbers">
        <div><dt>${t('examine.buffer.age')}</dt><dd>${count(last.age)}</dd></div>
        <div><dt>${t('examine.buffer.energy')}</dt><dd>${measure(last.energy)}</dd></div>
        <div><dt>${t('examine.buffer.born')}</dt><dd>${count(born)}</dd></div>
      </dl>`;
  }

  /** @override */
  render() {
    const { t, measure, config, count, data } = this.store;
    // Another rule, or another run, has another buffer.
    config.value;
    const { seen } = this;
    if (seen === null)
      return html`${this.refused()}${this.refusal || !this.looked ? nothing : html`<p class="verdict">${t('examine.buffer.none')}</p>`}`;
    const { chains, ages, own } = seen;
    const [low, high] = range([own, seen.data]);
    const oldest = ages.reduce((most, age) => Math.max(most, age), 0);
    return html`${this.refused()}
      <div class="maps beside">
        <section>
          <h3>${t('examine.buffer.places', { n: count(ages.length) })}</h3>
          <ebm-map .store=${this.store} .marks=${[
            { points: data.value, kind: 'data' },
            { points: chains.subarray(0, 2 * MOST), kind: 'samples' },
            { points: this.chosen === null ? [] : chains.slice(2 * this.chosen, 2 * this.chosen + 2), kind: 'chosen' },
          ]} .path=${this.life.flatMap(({ x, y }) => [x, y])} .about=${t('examine.buffer.placesAbout')}
            .pick=${(/** @type {number} */ x, /** @type {number} */ y) => this.#follow(x, y)}></ebm-map>
        </section>
        <div>
          <h3>${t('examine.buffer.energies')}
            <span class="key"><span data-of="data">${t('examine.buffer.data')}</span><span data-of="samples">${t('examine.buffer.chains')}</span></span></h3>
          ${this.#histogram(
            [
              { of: 'data', counts: histogram(seen.data, low, high, BINS) },
              { of: 'samples', counts: histogram(own, low, high, BINS) },
            ],
            [measure(low), measure(high)],
            t('examine.buffer.energiesAbout', { data: measure(mean(seen.data)), chains: measure(mean(own)) }),
          )}
          <dl class="numbers">
            <div><dt>${t('chart.column.energyData')}</dt><dd>${measure(mean(seen.data))}</dd></div>
            <div><dt>${t('examine.buffer.meanEnergy')}</dt><dd>${measure(mean(own))}</dd></div>
          </dl>
          <h3>${t('chart.ages')}</h3>
          ${this.#histogram(
            [{ of: 'samples', counts: histogram(ages, 0, oldest + 1, Math.min(BINS, oldest + 1)) }],
            ['0', count(oldest)],
            t('chart.agesAbout', { oldest: count(oldest) }),
          )}
          <h3>${t('examine.buffer.life')}
            <label>${t('examine.buffer.number')}
              <input type="number" min="1" max=${ages.length} step="1" .value=${this.chosen === null ? '' : String(this.chosen + 1)}
                @change=${(/** @type {{target: any}} */ { target }) => {
                  const n = Number(target.value);
                  if (Number.isInteger(n) && n >= 1 && n <= ages.length) this.#choose(n - 1);
                  else target.value = this.chosen === null ? '' : String(this.chosen + 1);
                }} /></label></h3>
          ${this.#life()}
        </div>
      </div>`;
  }
}

customElements.define('ebm-buffer', BufferInspector);
