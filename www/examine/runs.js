/** Short runs against long ones: the same chains, from the same noise, ten and a hundred times longer. */

import { html, nothing } from 'lit';
import { measureSamples } from '../engine/measures.js';
import { places } from '../state/starts.js';
import { cells } from './map.js';
import { Question } from './question.js';
import { mean } from './statistics.js';

/** @import {Aside} from './aside.js' */

/** How many times longer the chains of each map have walked. */
const LONGER = [1, 10, 100];
/** Cells of the energy's map along each side. */
const SIDE = 64;
/** Nats above the least that have their own colour. */
const DEPTH = 12;
/** Figures of the samples, besides their energy. */
const FIGURES = ['energyDistance', 'modesKl'];
/** Temperatures beyond which chains do not sample what they are said to. */
const COLD = 0.1;
const HOT = 3;

/** @typedef {{steps: number, particles: Float32Array, energy: number, figures: Record<string, number | null>}} Run */

class LongRuns extends Question {
  /** @type {import('lit').PropertyDeclarations} */
  static properties = { runs: { state: true }, steps: { state: true } };

  constructor() {
    super();
    /** @type {Run[]} */
    this.runs = [];
    /** @type {{grid: Float32Array, data: number} | null} */
    this.energies = null;
    /** Steps of the short run; null for as many as the rule's chains take. @type {number | null} */
    this.steps = null;
  }

  get shortest() {
    return this.steps ?? Number(this.store.config.value?.sampler.steps ?? 20);
  }

  #walk() {
    return this.work(() => {
      this.runs = [];
      return this.askAside((aside) => this.#walkIn(aside));
    });
  }

  /** @param {Aside} aside */
  async #walkIn({ engine }) {
    const { config, manifest } = this.store;
    const data = await engine.data();
    this.energies = { grid: await engine.energy(cells(SIDE)), data: mean(await engine.energy(data)) };
    const { length } = await engine.particles();
    const world = manifest.value?.world ?? [-4, 4];
    await engine.setParticles(places('noise', length / 2, { seed: config.value?.seed ?? 0, world, pool: [] }));
    let walked = 0;
    for (const times of LONGER) {
      const steps = times * this.shortest;
      await engine.sample(steps - walked);
      walked = steps;
      const particles = await engine.particles();
      const energy = mean(await engine.energy(particles));
      const figures = await measureSamples(engine);
      if (!this.isConnected) return;
      this.runs = [...this.runs, { steps, particles, energy, figures }];
    }
  }

  /** What the step size and the noise make of the chains. */
  #temperature() {
    const { t, measure, frame } = this.store;
    const temperature = frame.value?.metrics?.temperature;
    if (typeof temperature !== 'number') return nothing;
    const verdict = temperature < COLD ? 'cold' : temperature > HOT ? 'hot' : null;
    return verdict
      ? html`<p class="verdict">${t(`examine.runs.${verdict}`, { temperature: measure(temperature) })}</p>`
      : nothing;
  }

  /** @param {Run | undefined} run @param {number} steps */
  #run(run, steps) {
    const { t, measure, count } = this.store;
    const { energies } = this;
    const least = energies ? energies.grid.reduce((low, e) => Math.min(low, e), Infinity) : 0;
    const shown = FIGURES.filter((name) => typeof run?.figures[name] === 'number');
    return html`<section>
      <h3>${t('examine.runs.after', { steps: count(steps) })}</h3>
      <ebm-map .store=${this.store} .grid=${run && energies ? { values: energies.grid, side: SIDE, range: [least, least + DEPTH], signed: false } : null}
        .marks=${run ? [{ points: run.particles, kind: 'samples' }] : []}
        .about=${t('examine.runs.mapAbout', { steps: count(steps) })}></ebm-map>
      <dl class="numbers">
        <div><dt>${t('examine.runs.energy')}</dt><dd>${measure(run?.energy)}</dd></div>
        ${shown.map((name) => html`<div title=${t(`metric.${name}.help`)}><dt>${t(`metric.${name}.label`)}</dt><dd>${measure(run?.figures[name])}</dd></div>`)}
      </dl>
    </section>`;
  }

  /** @override */
  render() {
    const { t, measure } = this.store;
    const { shortest } = this;
    return html`${this.#temperature()}
      <div class="actions">
        <label>${t('examine.runs.steps')}
          <input type="number" min="1" max="1000" step="1" .value=${String(shortest)} ?disabled=${this.working}
            @change=${(/** @type {{target: any}} */ { target }) => {
              const n = Math.round(Number(target.value));
              this.steps = n >= 1 && n <= 1000 ? n : null;
              // What was walked was walked with another number.
              this.runs = [];
              this.requestUpdate();
            }} /></label>
        <button type="button" class="plain strong" ?disabled=${this.working} @click=${this.#walk}
          >${t(this.working ? 'diagnosis.walking' : 'examine.runs.walk')}</button>
        ${this.energies ? html`<span class="round-count">${t('chart.column.energyData')} <b>${measure(this.energies.data)}</b></span>` : nothing}
      </div>
      ${this.refused()}
      <div class="maps three" aria-live="polite" aria-busy=${String(this.working)}>
        ${LONGER.map((times, i) => this.#run(this.runs[i], times * shortest))}
      </div>`;
  }
}

customElements.define('ebm-runs', LongRuns);
