/** How far the gradient that the rule uses points away from the exact one, by the steps that its chains take. */

import { html, nothing } from 'lit';
import { Watched } from './watched.js';

/** Lengths of chains that are compared, and updates whose gradients are averaged. */
const STEPS = [1, 2, 5, 10, 20, 50, 100];
const DRAWS = 8;
/** From this angle on, in degrees, an update goes uphill. */
const RIGHT = 90;

class Bias extends Watched {
  static properties = {
    measuring: { state: true },
    rows: { state: true },
    rule: { state: true },
    refusal: { state: true },
  };

  constructor() {
    super();
    this.measuring = false;
    /** Steps, angle in degrees and ratio of lengths. @type {number[][]} */
    this.rows = [];
    /** The rule that they are of. */
    this.rule = '';
    this.refusal = '';
  }

  async #measure() {
    const { engine, config } = this.store;
    if (this.measuring) return;
    this.measuring = true;
    this.refusal = '';
    try {
      const flat = await engine.gradientBias(STEPS, DRAWS);
      this.rows = Array.from({ length: flat.length / 3 }, (_, i) => Array.from(flat.slice(3 * i, 3 * i + 3)));
      this.rule = config.value?.objective.id ?? '';
    } catch (error) {
      this.refusal = error instanceof Error ? error.message : String(error);
    } finally {
      this.measuring = false;
    }
  }

  #table() {
    const { t, measure, config } = this.store;
    const inForce = config.value?.sampler.steps;
    return html`<table class="figures bias">
      <caption>${t(`objective.${this.rule}.title`)}</caption>
      <thead><tr>
        <th scope="col">${t('bias.steps')}</th><th scope="col">${t('bias.angle')}</th><td></td>
        <th scope="col" title=${t('bias.ratioAbout')}>${t('bias.ratio')}</th>
      </tr></thead>
      <tbody>
        ${this.rows.map(
          ([steps, angle, ratio]) => html`<tr ?data-current=${steps === inForce}>
            <th scope="row">${steps === 0 ? t('bias.none') : steps}</th>
            <td>${t('bias.degrees', { angle: measure(angle) })}</td>
            <td class="bar"><span ?data-uphill=${angle >= RIGHT} style=${`inline-size: ${Math.min(100, (100 * angle) / RIGHT)}%`}></span></td>
            <td>${measure(ratio)}</td>
          </tr>`,
        )}
      </tbody>
    </table>`;
  }

  /** @override */
  render() {
    const { t } = this.store;
    return html`<h3>${t('bias.title')}</h3>
      <p>${t('bias.about')}</p>
      <div class="actions">
        <button type="button" class="plain" aria-disabled=${this.measuring} @click=${this.#measure}
          >${t(this.measuring ? 'bias.measuring' : 'bias.measure')}</button>
      </div>
      ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}
      <div aria-live="polite">${this.rows.length > 0 ? this.#table() : nothing}</div>`;
  }
}

customElements.define('ebm-bias', Bias);
