/** Compose energies of classes: samples of one digit alone, of what two have in common, of one that is not another. */

import { html } from 'lit';
import { icon } from '../controls/icons.js';
import { Watched } from '../controls/watched.js';
import { numberFormat } from '../views/ticks.js';
import { formula, only, plain } from './mixture.js';

/** @import {Mix} from './mixture.js' */

/** Largest weight that can be typed, and the step of its arrows. */
const MOST = 3;
const STEP = 0.1;

class Mixer extends Watched {
  static properties = { mix: { state: true } };

  constructor() {
    super();
    /** @type {Mix} */
    this.mix = [];
    /** Has the samples follow it from noise on. @type {(mix: Mix) => void} */
    this.follow = () => {};
  }

  /** @param {ArrayLike<number>} mix What they follow now. */
  open(mix) {
    // Single precision has some seven digits.
    this.mix = Array.from(mix, (weight) => Number(weight.toPrecision(6)));
    /** @type {HTMLDialogElement} */ (this.querySelector('dialog')).showModal();
  }

  #follow() {
    /** @type {HTMLDialogElement} */ (this.querySelector('dialog')).close();
    this.follow(this.mix);
  }

  /** @param {number} i @param {Event & {target: any}} event */
  #type(i, { target }) {
    const weight = Number(target.value);
    if (target.value === '' || !Number.isFinite(weight)) {
      target.value = String(this.mix[i]);
      return;
    }
    this.mix = this.mix.with(i, Math.min(MOST, Math.max(-MOST, weight)));
    target.value = String(this.mix[i]);
  }

  /** @override */
  render() {
    const { t, locale } = this.store;
    // Before it is first opened there are none.
    const classes = Math.max(9, this.mix.length - 1);
    const presets = /** @type {[string, Mix][]} */ ([
      ['any', plain(classes)],
      ['one', only(classes, [3])],
      // Powers that sum to one stay about as steep as what was learned.
      ['and', only(classes, []).with(4, 0.5).with(9, 0.5)],
      ['not', only(classes, []).with(9, 1.1).with(4, -0.1)],
    ]);
    return html`<dialog class="sheet pad mixer" aria-labelledby="mixer-title">
      <div class="sheet-body">
        <header>
          <h2 id="mixer-title">${t('mixer.title')}</h2>
          <form method="dialog"><button class="round small" aria-label=${t('help.close')}>${icon('close')}</button></form>
        </header>
        <p>${t('mixer.about')}</p>
        <div class="mixer-weights">
          ${this.mix.map((weight, i) => {
            const name = i === 0 ? 'E(x)' : `E(x, ${i - 1})`;
            return html`<label ?data-in=${weight !== 0}>${name}<input type="number" step=${STEP} min=${-MOST} max=${MOST} .value=${String(weight)}
              @change=${(/** @type {any} */ event) => this.#type(i, event)} /></label>`;
          })}
        </div>
        <div class="actions">
          ${presets.map(
            ([name, mix]) =>
              html`<button type="button" class="plain" @click=${() => {
                this.mix = mix;
              }}>${t(`mixer.preset.${name}`)}</button>`,
          )}
        </div>
        <p class="pad-energy" role="status">${formula(this.mix, numberFormat(locale.value))}</p>
        <div class="actions">
          <button type="button" class="plain strong" ?disabled=${this.mix.every((weight) => weight === 0)} @click=${this.#follow}>${t('mixer.follow')}</button>
        </div>
      </div>
    </dialog>`;
  }
}

customElements.define('ebm-mixer', Mixer);
