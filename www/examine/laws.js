/** What a step costs: the law that unadjusted and adjusted Langevin dynamics settle into, minus the density that they are for. */

import { html, nothing } from 'lit';
import { HOME } from '../views/transform.js';
import { beyond, drawFrom, gather, shares, totalVariation } from './law.js';
import { cells, reach, signedKey } from './map.js';
import { Question } from './question.js';

/** @import {Aside} from './aside.js' */

/** Cells of a law along each side, and of the energy in each cell along each side. */
const SIDE = 40;
const FINER = 4;
/** Chains, looks at them, and sampler steps between two looks. */
const CHAINS = 4096;
const LOOKS = 60;
const APART = 5;
/** Steps before the first look. */
const BURN_IN = 100;
/** The unadjusted kernel, and the one with its Metropolis test. */
const KERNELS = /** @type {const} */ (['langevin', 'mala']);
const STEP_SIZE = { least: 1e-4, most: 1 };

/** @typedef {{kernel: string, difference: Float32Array, variation: number, chance: number, acceptance?: number}} Law */

class StationaryLaws extends Question {
  /** @type {import('lit').PropertyDeclarations} */
  static properties = { laws: { state: true }, stepSize: { state: true }, looks: { state: true } };

  constructor() {
    super();
    /** @type {Law[]} */
    this.laws = [];
    this.stepSize = 0.1;
    this.looks = 0;
  }

  #measure() {
    return this.work(() => {
      this.laws = [];
      this.looks = 0;
      return this.askAside((aside) => this.#measureIn(aside));
    });
  }

  /** @param {Aside} aside */
  async #measureIn({ engine }) {
    const inside = await engine.energy(cells(SIDE * FINER));
    const exact = shares(inside, SIDE, FINER, await engine.energy(beyond.points));
    await engine.configure({ particles: CHAINS });
    // Both from draws of the density itself: the adjusted chains are where they belong, the others leave it.
    const start = drawFrom(exact, SIDE, CHAINS, this.store.config.value?.seed ?? 0);
    for (const kernel of KERNELS) {
      const own = kernel === 'mala' ? { adapt: false } : { noise: null };
      await engine.configure({ sampler: { id: kernel, stepSize: this.stepSize, ...own } });
      await engine.setParticles(start);
      await engine.sample(BURN_IN);
      /** @type {Float32Array[]} */
      const seen = [];
      let accepted = 0;
      for (let look = 0; look < LOOKS; look++) {
        const { acceptance } = await engine.sample(APART);
        accepted += (acceptance ?? 1) / LOOKS;
        seen.push(await engine.particles());
        if (!this.isConnected) return;
        this.looks++;
      }
      const law = gather(seen, SIDE);
      const difference = law.map((share, i) => (share - exact[i]) / cellArea());
      // Two halves of the chains know nothing of each other: they differ by twice what chance makes of all.
      const halves = [0, CHAINS].map((from) =>
        gather(
          seen.map((x) => x.subarray(from, from + CHAINS)),
          SIDE,
        ),
      );
      const chance = totalVariation(Float64Array.from(halves[0]), halves[1], SIDE) / 2;
      const adjusted = kernel === 'mala' ? { acceptance: accepted } : {};
      const variation = totalVariation(exact, law, SIDE);
      this.laws = [...this.laws, { kernel, difference, variation, chance, ...adjusted }];
    }
  }

  /** @param {string} kernel @param {number} most */
  #law(kernel, most) {
    const { t, measure } = this.store;
    const law = this.laws.find((one) => one.kernel === kernel);
    return html`<section>
      <h3>${t(`sampler.${kernel}.title`)}</h3>
      <ebm-map .store=${this.store} .grid=${law ? { values: law.difference, side: SIDE, range: [-most || -1, most || 1], signed: true } : null}
        .about=${t('examine.laws.mapAbout', { name: t(`sampler.${kernel}.title`), variation: measure(law?.variation) })}></ebm-map>
      ${law ? signedKey(this.store, most) : nothing}
      <dl class="numbers">
        <div title=${t('examine.laws.variationAbout')}><dt>${t('examine.laws.variation')}</dt><dd>${measure(law?.variation)}</dd></div>
        <div title=${t('examine.laws.chanceAbout')}><dt>${t('examine.laws.chance')}</dt><dd>${measure(law?.chance)}</dd></div>
        ${law?.acceptance === undefined ? nothing : html`<div><dt>${t('metric.acceptance.label')}</dt><dd>${measure(law.acceptance)}</dd></div>`}
      </dl>
    </section>`;
  }

  /** @override */
  render() {
    const { t, count } = this.store;
    const most = reach(...this.laws.map(({ difference }) => difference));
    return html`
      <div class="actions">
        <label>${t('param.sampler.stepSize.label')}
          <input type="number" min=${STEP_SIZE.least} max=${STEP_SIZE.most} step="any" .value=${String(this.stepSize)} ?disabled=${this.working}
            @change=${(/** @type {{target: any}} */ { target }) => {
              const h = Number(target.value);
              if (h >= STEP_SIZE.least && h <= STEP_SIZE.most) {
                this.stepSize = h;
                // What was measured was measured at another step size.
                this.laws = [];
              } else target.value = String(this.stepSize);
            }} /></label>
        <button type="button" class="plain strong" ?disabled=${this.working} @click=${this.#measure}
          >${t(this.working ? 'examine.laws.measuring' : 'examine.laws.measure')}</button>
        ${this.working ? html`<progress max=${KERNELS.length * LOOKS} value=${this.looks}></progress>` : nothing}
      </div>
      ${this.refused()}
      <div class="maps pair" aria-live="polite" aria-busy=${String(this.working)}>${KERNELS.map((kernel) => this.#law(kernel, most))}</div>
      <p>${t('examine.laws.from', { chains: count(CHAINS), steps: count(BURN_IN), looks: LOOKS, apart: APART })}</p>`;
  }
}

/** Area of a cell, in units of the world. */
const cellArea = () => (HOME.span / SIDE) ** 2;

customElements.define('ebm-laws', StationaryLaws);
