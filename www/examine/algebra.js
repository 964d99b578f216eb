/** Energy algebra: two energies make a third, and samples walk through it, free or along a line. */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { places } from '../state/starts.js';
import { cells } from './map.js';
import { Question } from './question.js';
import { join } from './tensors.js';

/** @import {Config} from '../engine/protocol.js' */
/** @import {Aside} from './aside.js' */

/** Cells of the maps along each side. */
const SIDE = 64;
/** Nats above the least that have their own colour. */
const DEPTH = 12;
const SAMPLES = 512;
/** Sampler steps between two pictures. */
const STEPS = 4;
const NETWORK = 'network';
/** What both networks must agree in. */
const ARCHITECTURE = ['widths', 'activation', 'features', 'confinement'];
/** The kernel: exact whatever its step size, which both energies must bear. */
const SAMPLER = { id: 'mala', stepSize: 0.02, adapt: false };
/** Numbers that take effect at once: the field, its ends and the step of its arrows. */
const NUMBERS = /** @type {const} */ ({
  strength: [0, 10, 0.1],
  temperature: [0.05, 20, 0.1],
  ceiling: [-10, 50, 1],
});
const HOLDS = /** @type {const} */ (['clampX', 'clampY']);

/** An energy: its map, and its ln Z where it is a network's. @typedef {{map: Float32Array, logZ: number}} Energy */

/** A network that somebody has kept, for as long as the page is open. @type {{config: Config, weights: Uint8Array} | null} */
let kept = null;

class EnergyAlgebra extends Question {
  /** @type {import('lit').PropertyDeclarations} */
  static properties = {
    model: { state: true },
    holds: { state: true },
    energies: { state: true },
    said: { state: true },
  };

  constructor() {
    super();
    /** @type {Record<string, string | number>} */
    this.model = {
      operation: 'product',
      first: NETWORK,
      second: 'two-gaussians',
      strength: 1,
      temperature: 1,
      ceiling: 4,
    };
    /** Where a coordinate is held; null where it is free. @type {Record<string, number | null>} */
    this.holds = { clampX: null, clampY: null };
    /** The first, the second, and what they make. @type {Energy[]} */
    this.energies = [];
    /** Where they are, [2n]. @type {Float32Array} */
    this.samples = new Float32Array(0);
    this.said = '';
    /** The weights of the page's own network, taken once. @type {Uint8Array} */
    this.weights = new Uint8Array(0);
    /** @type {Record<string, Energy>} */
    this.known = {};
    this.points = cells(SIDE);
    this.walking = false;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.#begin();
  }

  /** The page's network, where it is one that can be taken over. */
  get own() {
    const config = this.store.config.value;
    return config?.model.id === 'mlp' ? config : null;
  }

  /** Choices of the second energy, as the core tells them. */
  get seconds() {
    const { manifest } = this.store;
    const composed = manifest.value?.sections.model.find(({ id }) => id === 'composed');
    const all = composed?.params?.find(({ name }) => name === 'second')?.choices ?? [];
    return all.filter((name) => name !== NETWORK || (kept !== null && this.own !== null && this.unlike === null));
  }

  /** Whether there is a first energy at all. */
  get possible() {
    return this.own !== null || this.store.config.value?.data.id !== 'drawn';
  }

  #begin() {
    if (!this.possible) return;
    return this.work(async () => {
      await this.store.engine.everyPart();
      if (this.own === null) this.model = { ...this.model, first: 'density' };
      const aside = await this.open();
      if (aside === null) return;
      if (this.own !== null) {
        this.weights = await aside.engine.exportWeights();
        this.known[`first ${NETWORK}`] = await this.#see(aside);
      }
      await this.#compose(aside);
    });
  }

  /** @param {Aside} aside @returns {Promise<Energy>} */
  async #see({ engine }) {
    const [map, { logZ }] = [await engine.energy(this.points), await engine.metrics()];
    return { map, logZ: logZ ?? 0 };
  }

  /** The energy of one side alone, computed once. @param {Aside} aside @param {'first' | 'second'} side */
  async #alone(aside, side) {
    const name = String(this.model[side]);
    const key = `${side} ${name}`;
    if (this.known[key]) return this.known[key];
    const base = /** @type {Config} */ (this.store.config.value);
    const plain = { version: 1, seed: base.seed, particles: 0 };
    if (name === NETWORK && kept !== null) {
      await aside.engine.load({ ...plain, data: kept.config.data, model: kept.config.model });
      await aside.engine.importWeights(kept.weights.slice());
    } else {
      const data = side === 'first' ? base.data : { id: name };
      await aside.engine.load({ ...plain, data, model: { id: 'exact' } });
    }
    this.known[key] = await this.#see(aside);
    return this.known[key];
  }

  /** Loads the energy that both make, and starts the samples anew. @param {Aside} aside */
  async #compose(aside) {
    const base = /** @type {Config} */ (this.store.config.value);
    const { engine } = aside;
    const [first, second] = [await this.#alone(aside, 'first'), await this.#alone(aside, 'second')];
    const architecture = Object.fromEntries(
      ARCHITECTURE.map((name) => [name, this.own?.model[name]]).filter(([, v]) => v !== undefined),
    );
    const model = { id: 'composed', ...architecture, ...this.model, firstLogZ: first.logZ, secondLogZ: second.logZ };
    const holds = Object.fromEntries(HOLDS.map((name) => [name, this.holds[name]]));
    const { version, seed, data } = base;
    await engine.load({ version, seed, data, model, sampler: { ...SAMPLER, ...holds }, particles: SAMPLES });
    const files = [];
    if (this.model.first === NETWORK) files.push({ prefix: 'first.', bytes: this.weights });
    if (this.model.second === NETWORK && kept !== null) files.push({ prefix: 'second.', bytes: kept.weights });
    if (files.length > 0) await engine.importWeights(join(files));
    const world = this.store.manifest.value?.world ?? [-4, 4];
    await engine.setParticles(places('noise', SAMPLES, { seed, world, pool: [] }));
    this.energies = [first, second, await this.#see(aside)];
    if (!this.walking) this.#walk(aside);
  }

  /** The samples walk for as long as somebody looks. @param {Aside} aside */
  async #walk(aside) {
    const { engine } = aside;
    this.walking = true;
    while (this.isConnected && this.aside === aside) {
      await new Promise(requestAnimationFrame);
      // A change of the energies has the engine to itself.
      if (this.working || document.hidden) continue;
      try {
        await engine.sample(STEPS);
        this.samples = await engine.particles();
        const map = this.querySelector('section:last-child > ebm-map');
        // No more than this map is to be drawn anew.
        if (map) Object.assign(map, { marks: marksOf(this.samples) });
      } catch (error) {
        // A dialog that closes takes its engine with it.
        if (this.aside === aside) this.refusal = error instanceof Error ? error.message : String(error);
        break;
      }
    }
    this.walking = false;
  }

  /** Other energies or another operation: the samples begin anew. @param {Record<string, string>} change */
  #recompose(change) {
    const { aside } = this;
    if (aside === null) return;
    return this.afterwards(async () => {
      const before = this.model;
      this.model = { ...before, ...change };
      try {
        await this.#compose(aside);
      } catch (error) {
        this.model = before;
        await this.#compose(aside);
        throw error;
      }
    });
  }

  /** A dial: the samples go on. @param {object} patch */
  #turn(patch) {
    const { aside } = this;
    if (aside === null) return;
    return this.afterwards(async () => {
      await aside.engine.configure(patch);
      const [first, second] = this.energies;
      this.energies = [first, second, await this.#see(aside)];
    });
  }

  #keep() {
    const { own } = this;
    if (own === null) return;
    const { t, data } = this.store;
    kept = { config: own, weights: this.weights.slice() };
    delete this.known[`second ${NETWORK}`];
    this.said = t('examine.algebra.kept', { data: t(`data.${own.data.id}.title`), n: data.value.length / 2 });
    this.requestUpdate();
    if (this.model.second === NETWORK) this.#recompose({});
  }

  /** Why the kept network cannot stand beside the page's own. */
  get unlike() {
    const { own } = this;
    if (own === null || kept === null) return null;
    const { model } = kept.config;
    return ARCHITECTURE.find((name) => JSON.stringify(model[name]) !== JSON.stringify(own.model[name])) ?? null;
  }

  /** @param {string} name @param {string[]} choices @param {(choice: string) => string} title */
  #select(name, choices, title) {
    return html`<select aria-label=${this.store.t(`param.model.${name}.label`)} .value=${live(String(this.model[name]))} ?disabled=${this.working}
      @change=${(/** @type {{target: any}} */ { target }) => this.#recompose({ [name]: target.value })}>
      ${choices.map((choice) => html`<option value=${choice} ?selected=${choice === this.model[name]}>${title(choice)}</option>`)}
    </select>`;
  }

  /** @param {keyof typeof NUMBERS} name */
  #number(name) {
    const [least, most, step] = NUMBERS[name];
    return html`<label>${this.store.t(`param.model.${name}.label`)}
      <input type="number" min=${least} max=${most} step=${step} .value=${String(this.model[name])}
        @change=${(/** @type {{target: any}} */ { target }) => {
          const value = Number(target.value);
          if (target.value === '' || !(value >= least && value <= most)) {
            target.value = String(this.model[name]);
            return;
          }
          this.model = { ...this.model, [name]: value };
          this.#turn({ model: { [name]: value } });
        }} /></label>`;
  }

  /** @param {typeof HOLDS[number]} name */
  #hold(name) {
    const { t } = this.store;
    return html`<label>${t(`param.sampler.${name}.label`)}
      <input type="number" min="-8" max="8" step="0.1" placeholder=${t(`null.sampler.${name}`)} .value=${String(this.holds[name] ?? '')}
        @change=${(/** @type {{target: any}} */ { target }) => {
          const value = target.value === '' ? null : Number(target.value);
          if (value !== null && !(Math.abs(value) <= 8)) {
            target.value = String(this.holds[name] ?? '');
            return;
          }
          this.holds = { ...this.holds, [name]: value };
          this.#turn({ sampler: { [name]: value } });
        }} /></label>`;
  }

  /** @param {number} i @param {unknown} title @param {Float32Array | null} samples */
  #map(i, title, samples) {
    const energy = this.energies[i];
    const least = energy ? energy.map.reduce((low, e) => Math.min(low, e), Infinity) : 0;
    return html`<section>
      <h3>${title}</h3>
      <ebm-map .store=${this.store} .grid=${energy ? { values: energy.map, side: SIDE, range: [least, least + DEPTH], signed: false } : null}
        .marks=${samples ? marksOf(samples) : []}
        .about=${this.store.t(`examine.algebra.map${i}About`)}></ebm-map>
    </section>`;
  }

  /** @override */
  render() {
    const { t, measure, config } = this.store;
    if (!this.possible) return html`<p class="verdict">${t('examine.algebra.nothing')}</p>`;
    const density = (/** @type {string} */ id) => t(`data.${id}.title`);
    const own = `data.${config.value?.data.id}.title`;
    const title = (/** @type {string} */ choice) =>
      choice === NETWORK
        ? t('examine.algebra.keptNetwork')
        : choice === 'density'
          ? t('examine.algebra.given', { data: t(own) })
          : density(choice);
    const firsts = [...(this.own ? [NETWORK] : []), ...(config.value?.data.id === 'drawn' ? [] : ['density'])];
    const naming = (/** @type {string} */ choice) =>
      choice === NETWORK ? t('examine.algebra.network', { data: t(own) }) : title(choice);
    const operations = ['product', 'mixture', 'negation'];
    const { operation } = this.model;
    return html`
      <div class="actions">
        ${this.#number('strength')}
        ${operation === 'negation' ? this.#number('ceiling') : nothing}
        ${this.#number('temperature')}
        ${HOLDS.map((name) => this.#hold(name))}
        ${this.own ? html`<button type="button" class="plain" ?disabled=${this.working} @click=${this.#keep}>${t('examine.algebra.keep')}</button>` : nothing}
      </div>
      ${this.refused()}
      ${this.unlike ? html`<p class="verdict">${t('examine.algebra.unlike', { what: t(`param.model.${this.unlike}.label`) })}</p>` : nothing}
      <p role="status">${this.said}</p>
      <div class="maps three" aria-busy=${String(this.working)}>
        ${this.#map(0, this.#select('first', firsts, naming), null)}
        ${this.#map(1, html`${this.#select('operation', operations, (name) => t(`choice.operation.${name}`))} ${this.#select('second', this.seconds, title)}`, null)}
        ${this.#map(2, html`<i>E</i> <span class="figure">ln Z ${measure(this.energies[2]?.logZ)}</span>`, this.samples)}
      </div>`;
  }
}

/** @param {Float32Array} points @returns {import('./map.js').Marks[]} */
const marksOf = (points) => [{ points, kind: 'samples' }];

customElements.define('ebm-algebra', EnergyAlgebra);
