/** Proofs: the numbers that the page rests on, computed once more in another way, here and now. */

import { html, nothing } from 'lit';
import { cells } from './map.js';
import { farthest, moments, quadratureMoments, worst } from './moments.js';
import { Question } from './question.js';

/** @import {Engine, Proof} from '../engine/protocol.js' */

/** Points at which derivatives and backends are compared, along each side. */
const PLACES = 16;
/** What single and double precision may differ by, of the largest value: some hundred roundings of 6e-8. */
const SINGLE = 1e-5;
/** What a derivative and a central difference in double precision may differ by. */
const DOUBLE = 1e-6;
/** Sampler steps of the walk that both backends take, how far apart two samples may end, and which share of them must not. */
const WALK = 20;
const NEAR = 1e-3;
const MOST_NEAR = 0.99;
/** Steps before the moments are counted, and steps that are. */
const BURN_IN = 200;
const COUNTED = 400;
/** Standard errors that a moment may be off by: of five moments all are within them in 9,997 of 10,000 runs. */
const ERRORS = 4;
/** Cells of the quadrature along each side, and half its width: four standard deviations of what holds an untrained network. */
const CELLS = 320;
const HALF = 16;
const BACKENDS = /** @type {const} */ (['wasm', 'webgpu']);

/** A line of the table. @typedef {{claim: string, got: string, allowed: string, holds: boolean | null}} Line */

class Proofs extends Question {
  /** @type {import('lit').PropertyDeclarations} */
  static properties = { lines: { state: true } };

  constructor() {
    super();
    /** @type {Line[]} */
    this.lines = [];
  }

  /** @param {Line} line */
  #say(line) {
    if (this.isConnected) this.lines = [...this.lines, line];
  }

  #prove() {
    return this.work(async () => {
      this.lines = [];
      const x = cells(PLACES, 6);
      await this.askAside(async ({ engine }) => this.#proveAgainst(x, await engine.proof(x)), 'wasm');
    });
  }

  /** @param {Float32Array} x @param {Proof} proof */
  async #proveAgainst(x, proof) {
    this.#derivatives(proof);
    /** @type {Record<string, Float32Array>} */
    const walks = {};
    for (const name of BACKENDS)
      await this.askAside(async ({ engine, backend }) => {
        if (backend.name !== name) return this.#absent(name);
        await this.#parity(name, engine, x, proof);
        await engine.sample(WALK);
        walks[name] = await engine.particles();
      }, name);
    this.#walks(walks);
    await this.askAside(({ engine }) => this.#moments(engine));
  }

  /** @param {Proof} proof */
  #derivatives({ slopeErrors, lossErrors }) {
    const { t, measure, config } = this.store;
    const within = slopeErrors.filter((e) => e <= DOUBLE).length;
    this.#say({
      claim: t('examine.proofs.slope'),
      got: t('examine.proofs.within', { within, n: slopeErrors.length, worst: measure(worst(slopeErrors), 2) }),
      allowed: measure(DOUBLE, 1),
      holds: within === slopeErrors.length,
    });
    if (!this.learns) return;
    const claim = t('examine.proofs.gradient', { rule: t(`objective.${config.value?.objective.id}.title`) });
    if (lossErrors.length === 0) return this.#say({ claim, got: t('examine.proofs.early'), allowed: '', holds: null });
    this.#say({
      claim,
      got: measure(worst(lossErrors), 2),
      allowed: measure(DOUBLE, 1),
      holds: worst(lossErrors) <= DOUBLE,
    });
  }

  /** @param {'wasm' | 'webgpu'} name */
  #absent(name) {
    const { t } = this.store;
    const backend = t(`backend.choice.${name}`);
    this.#say({
      claim: t('examine.proofs.parity', { backend }),
      got: t('examine.proofs.absent'),
      allowed: '',
      holds: null,
    });
  }

  /** @param {'wasm' | 'webgpu'} name @param {Engine} engine @param {Float32Array} x @param {Proof} proof */
  async #parity(name, engine, x, { energy, score }) {
    const { t, measure } = this.store;
    const off = Math.max(farthest(await engine.energy(x), energy), farthest(await engine.score(x), score));
    const backend = t(`backend.choice.${name}`);
    this.#say({
      claim: t('examine.proofs.parity', { backend }),
      got: measure(off, 2),
      allowed: measure(SINGLE, 1),
      holds: off <= SINGLE,
    });
  }

  /** @param {Record<string, Float32Array>} walks */
  #walks({ wasm, webgpu }) {
    if (!wasm || !webgpu || wasm.length === 0) return;
    const { t, measure } = this.store;
    let near = 0;
    for (let i = 0; i < wasm.length; i += 2)
      if (Math.hypot(wasm[i] - webgpu[i], wasm[i + 1] - webgpu[i + 1]) <= NEAR) near += 2 / wasm.length;
    this.#say({
      claim: t('examine.proofs.walk', { steps: WALK }),
      got: t('examine.proofs.share', { share: measure(100 * near), near: NEAR }),
      allowed: t('examine.proofs.atLeast', { share: 100 * MOST_NEAR }),
      holds: near >= MOST_NEAR,
    });
  }

  /** @param {Engine} engine */
  async #moments(engine) {
    const { t, measure } = this.store;
    if ((await engine.particles()).length < 4) return;
    const x = cells(CELLS, 2 * HALF);
    const exact = quadratureMoments(x, await engine.energy(x));
    await engine.sample(BURN_IN);
    const found = moments(await engine.trace(COUNTED), COUNTED);
    for (const [i, { name, mean, error }] of found.entries()) {
      const off = Math.abs(mean - exact[i]) / error;
      this.#say({
        claim: t('examine.proofs.moment', { name }),
        got: t('examine.proofs.against', { mean: measure(mean), exact: measure(exact[i]), error: measure(error, 2) }),
        allowed: t('examine.proofs.errors', { errors: ERRORS }),
        holds: off <= ERRORS,
      });
    }
  }

  /** @override */
  render() {
    const { t } = this.store;
    const mark = { true: '✓', false: '✗', null: '–' };
    const all = this.lines.filter(({ holds }) => holds !== null);
    return html`
      <div class="actions">
        <button type="button" class="plain strong" ?disabled=${this.working} @click=${this.#prove}
          >${t(this.working ? 'examine.proofs.proving' : 'examine.proofs.prove')}</button>
        ${all.length > 0 ? html`<span class="round-count">${t('examine.proofs.sum', { n: all.length, holding: all.filter(({ holds }) => holds).length })}</span>` : nothing}
      </div>
      ${this.refused()}
      ${
        this.lines.length > 0
          ? html`<div class="wide" tabindex="0" role="region" aria-label=${t('examine.proofs.title')}><table class="figures proofs" aria-live="polite">
        <thead><tr><td></td><th scope="col">${t('examine.proofs.claim')}</th><th scope="col">${t('examine.proofs.found')}</th><th scope="col">${t('examine.proofs.allowed')}</th></tr></thead>
        <tbody>${this.lines.map(
          ({ claim, got, allowed, holds }) => html`<tr data-holds=${String(holds)}>
            <td><span aria-label=${t(`examine.proofs.${holds === null ? 'open' : holds ? 'holds' : 'fails'}`)}>${mark[/** @type {'true'} */ (String(holds))]}</span></td>
            <th scope="row">${claim}</th><td>${got}</td><td>${allowed}</td>
          </tr>`,
        )}</tbody>
      </table></div>
      ${this.lines.some(({ holds }) => holds === false) ? html`<p>${t('examine.proofs.why')}</p>` : nothing}`
          : nothing
      }`;
  }
}

customElements.define('ebm-proofs', Proofs);
