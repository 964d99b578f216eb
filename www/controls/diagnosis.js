/** The dialog that measures the sampler: the particles walk, and their chains say whether they can be trusted. */

import { html, nothing, svg } from 'lit';
import { diagnose, measureSamples } from '../engine/measures.js';
import { icon } from './icons.js';
import { Watched } from './watched.js';
import './bias.js';

/** @import {Diagnosis} from '../engine/measures.js' */

/** Steps that one can choose. */
const STEPS = [100, 400, 1600];
const AXES = /** @type {const} */ (['x', 'y']);
/** From here on chains disagree, and below this the draws say little (Vehtari et al. 2021). */
const LARGEST_R_HAT = 1.01;
const LEAST_ESS = 400;
/** Size of the drawings, in their own units; they are stretched to the width that there is. */
const WIDTH = 240;
const HEIGHT = 60;

class DiagnosisDialog extends Watched {
  static properties = {
    steps: { state: true },
    walking: { state: true },
    diagnosis: { state: true },
    measures: { state: true },
    refusal: { state: true },
  };

  constructor() {
    super();
    this.steps = 400;
    this.walking = false;
    /** @type {Diagnosis | null} */
    this.diagnosis = null;
    /** @type {Record<string, number | null>} */
    this.measures = {};
    this.refusal = '';
  }

  async #walk() {
    if (this.walking) return;
    const { engine } = this.store;
    this.walking = true;
    this.refusal = '';
    try {
      this.diagnosis = await diagnose(engine, this.steps);
      this.measures = await measureSamples(engine);
    } catch (error) {
      this.refusal = error instanceof Error ? error.message : String(error);
    } finally {
      this.walking = false;
    }
  }

  /** What the figures say, worst first. @param {Diagnosis} diagnosis */
  #verdict({ rHat, ess }) {
    const worst = Math.max(...AXES.map((axis) => rHat[axis] ?? Number.POSITIVE_INFINITY));
    const least = Math.min(...AXES.map((axis) => ess[axis] ?? 0));
    if (worst > LARGEST_R_HAT) return 'apart';
    return least < LEAST_ESS ? 'few' : 'sound';
  }

  /** @param {Diagnosis} diagnosis */
  #table(diagnosis) {
    const { t, measure } = this.store;
    /** @type {[string, (axis: 'x' | 'y') => number | null][]} */
    const rows = [
      ['rHat', (axis) => diagnosis.rHat[axis]],
      ['ess', (axis) => diagnosis.ess[axis]],
      ['share', (axis) => (diagnosis.ess[axis] ?? Number.NaN) / (diagnosis.steps * diagnosis.chains)],
    ];
    return html`<table class="figures">
      <thead><tr><td></td>${AXES.map((axis) => html`<th scope="col"><i>${axis}</i></th>`)}</tr></thead>
      <tbody>
        ${rows.map(
          ([name, value]) => html`<tr title=${t(`diagnosis.${name}About`)}>
            <th scope="row">${t(`diagnosis.${name}`)}</th>${AXES.map((axis) => html`<td>${measure(value(axis))}</td>`)}
          </tr>`,
        )}
        <tr>
          <th scope="row">${t('metric.acceptance.label')}</th><td colspan="2">${measure(diagnosis.acceptance)}</td>
        </tr>
      </tbody>
    </table>`;
  }

  /** Lines over one another; `low` and `high` are the ends of the upright axis. @param {ArrayLike<number>[]} lines @param {number} low @param {number} high @param {string} about */
  #drawing(lines, low, high, about) {
    const points = (/** @type {ArrayLike<number>} */ line) =>
      Array.from(line)
        .map((v, i) => {
          const x = (i / Math.max(1, line.length - 1)) * WIDTH;
          const y = HEIGHT * (1 - (v - low) / (high - low || 1));
          return `${x.toFixed(1)},${y.toFixed(1)}`;
        })
        .join(' ');
    const zero = HEIGHT * (1 + low / (high - low || 1));
    return html`<svg class="drawing" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${about}>
      ${low < 0 && high > 0 ? svg`<line x1="0" x2=${WIDTH} y1=${zero} y2=${zero}/>` : nothing}
      ${lines.map((line, i) => svg`<polyline data-line=${i} points=${points(line)}/>`)}
    </svg>`;
  }

  /** @param {Diagnosis} diagnosis */
  #drawings({ autocorrelation, trace, steps }) {
    const { t } = this.store;
    const chains = (/** @type {Float32Array} */ values) =>
      Array.from({ length: values.length / steps }, (_, i) => values.slice(i * steps, (i + 1) * steps));
    const lags = autocorrelation.x.length - 1;
    // The world, or as far as a chain went.
    const reach = Math.max(4, ...[...trace.x, ...trace.y].map(Math.abs));
    return html`
      <h3>${t('diagnosis.autocorrelation')}</h3>
      <p class="key"><span data-line="0"><i>x</i></span> <span data-line="1"><i>y</i></span></p>
      ${this.#drawing(
        AXES.map((axis) => autocorrelation[axis]),
        Math.min(-0.1, ...autocorrelation.x, ...autocorrelation.y),
        1,
        t('diagnosis.autocorrelationAbout', { lags }),
      )}
      <p class="ends"><span>0</span><span>${t('diagnosis.lag')}</span><span>${lags}</span></p>
      <h3>${t('diagnosis.trace')}</h3>
      ${AXES.map(
        (axis) => html`<p class="key"><i>${axis}</i></p>
          ${this.#drawing(chains(trace[axis]), -reach, reach, t('diagnosis.traceAbout', { axis }))}`,
      )}
      <p class="ends"><span>1</span><span>${t('diagnosis.step')}</span><span>${steps}</span></p>`;
  }

  #distances() {
    const { t, measure, manifest } = this.store;
    const asked = (manifest.value?.metrics ?? []).filter(({ live }) => !live);
    return html`<h3>${t('diagnosis.distances')}</h3>
      <dl class="numbers">
        ${asked.map(({ id }) => {
          const value = this.measures[id];
          return html`<div ?data-empty=${typeof value !== 'number'} title=${t(`metric.${id}.help`)}>
            <dt>${t(`metric.${id}.label`)}</dt><dd>${measure(value)}</dd>
          </div>`;
        })}
      </dl>`;
  }

  /** @override */
  render() {
    const { t } = this.store;
    const { diagnosis } = this;
    return html`<dialog class="sheet diagnosis" aria-labelledby="diagnosis-title">
      <div class="sheet-body">
        <header>
          <h2 id="diagnosis-title">${t('diagnosis.title')}</h2>
          <form method="dialog"><button class="round small" aria-label=${t('help.close')}>${icon('close')}</button></form>
        </header>
        <p>${t('diagnosis.about')}</p>
        <div class="actions">
          <label>${t('diagnosis.steps')}
            <select ?disabled=${this.walking} @change=${(/** @type {Event} */ event) => {
              this.steps = Number(/** @type {HTMLSelectElement} */ (event.target).value);
            }}>${STEPS.map((n) => html`<option value=${n} ?selected=${n === this.steps}>${n}</option>`)}</select>
          </label>
          <button type="button" class="plain strong" aria-disabled=${this.walking} @click=${this.#walk}
            >${t(this.walking ? 'diagnosis.walking' : 'diagnosis.walk')}</button>
        </div>
        ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}
        <div aria-live="polite">
          ${
            diagnosis
              ? html`<p class="verdict" data-verdict=${this.#verdict(diagnosis)}>${t(
                  `diagnosis.${this.#verdict(diagnosis)}`,
                  { chains: diagnosis.chains, steps: diagnosis.steps },
                )}</p>
                ${this.#table(diagnosis)} ${this.#drawings(diagnosis)} ${this.#distances()}`
              : nothing
          }
        </div>
        ${this.store.config.value?.model.id === 'exact' ? nothing : html`<ebm-bias .store=${this.store}></ebm-bias>`}
      </div>
    </dialog>`;
  }
}

customElements.define('ebm-diagnosis', DiagnosisDialog);
