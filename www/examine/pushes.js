/** Who pushed: what the last update did to the energy, and which part of it the data and the model's samples asked for. */

import { html, nothing } from 'lit';
import { cells, reach, signedKey } from './map.js';
import { Question } from './question.js';
import { correlation, rootMeanSquare as size } from './statistics.js';

/** @import {Pushes} from '../engine/protocol.js' */

/** Cells of a map along each side. */
const SIDE = 64;

class PushLedger extends Question {
  /** @type {import('lit').PropertyDeclarations} */
  static properties = { pushes: { state: true } };

  constructor() {
    super();
    /** @type {Pushes | null} */
    this.pushes = null;
    this.points = cells(SIDE);
  }

  /** @param {number} updates */
  #next(updates) {
    const { engine, playing } = this.store;
    return this.work(async () => {
      await engine.pause();
      playing.value = false;
      if (updates > 1) await engine.train(updates - 1);
      this.pushes = await engine.pushes(this.points);
    });
  }

  /** @param {string} name @param {Float32Array} values @param {number} most @param {import('./map.js').Marks[]} marks */
  #map(name, values, most, marks) {
    const { t, measure } = this.store;
    return html`<section>
      <h3>${t(`examine.pushes.${name}`)}</h3>
      <ebm-map .store=${this.store} .grid=${{ values, side: SIDE, range: [-most || -1, most || 1], signed: true }} .marks=${marks}
        .about=${t('examine.pushes.mapAbout', { name: t(`examine.pushes.${name}`), most: measure(reach(values)) })}></ebm-map>
      ${signedKey(this.store, most)}
    </section>`;
  }

  /** @param {Pushes} pushes */
  #ledger({ data, model, change, batch, negatives }) {
    const { t, measure, config } = this.store;
    const both = data.map((d, i) => d + model[i]);
    const most = reach(data, model);
    const sizes = { data: size(data), model: size(model), both: size(both), change: size(change) };
    return html`
      <div class="maps four">
        ${this.#map('data', data, most, [{ points: batch, kind: 'data' }])}
        ${this.#map('model', model, most, [{ points: negatives, kind: 'compared' }])}
        ${this.#map('both', both, reach(both), [])}
        ${this.#map('change', change, reach(change), [])}
      </div>
      ${reach(model) === 0 ? html`<p class="verdict">${t('examine.pushes.alone')}</p>` : nothing}
      <h3>${t('examine.pushes.size')}</h3>
      <dl class="numbers">
        ${Object.entries(sizes).map(
          ([name, value]) => html`<div><dt>${t(`examine.pushes.${name}`)}</dt><dd>${measure(value)}</dd></div>`,
        )}
        <div title=${t('examine.pushes.alikeAbout')}>
          <dt>${t('examine.pushes.alike')}</dt><dd>${measure(correlation(both, change))}</dd>
        </div>
      </dl>
      <p>${t(`examine.pushes.optimiser.${config.value?.optimizer.id}`)}</p>`;
  }

  /** @override */
  render() {
    const { t, count, frame } = this.store;
    if (!this.learns) return html`<p class="verdict">${t('examine.pushes.given')}</p>`;
    const { clock } = frame.value ?? {};
    return html`
      <div class="actions" role="group" aria-label=${t('examine.pushes.next')}>
        <span>${t('examine.pushes.next')}</span>
        ${[1, 10, 100].map(
          (n) => html`<button type="button" class="plain" ?disabled=${this.working} @click=${() => this.#next(n)}
            >+${n}</button>`,
        )}
        <span class="round-count">${t('grain.update.title')} <b>${count(clock?.update ?? 0)}</b></span>
      </div>
      ${this.refused()}
      ${this.pushes ? this.#ledger(this.pushes) : html`<p>${t('examine.pushes.press')}</p>`}`;
  }
}

customElements.define('ebm-pushes', PushLedger);
