/** The controls of switches, choices and lists of layer widths. */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { Control } from './control.js';
import { parseEntry } from './scale.js';

class SwitchControl extends Control {
  /** @override */
  render() {
    const on = this.value === true;
    return html`<div class="control switch" ?data-changed=${this.changed}>
      ${this.head(html`<button
        type="button"
        role="switch"
        class="toggle"
        aria-checked=${on}
        aria-labelledby=${`${this.key}-name`}
        @click=${() => this.set(!on)}
      ></button>`)}
      ${this.foot()}
    </div>`;
  }
}

class ChoiceControl extends Control {
  /** @override @param {unknown} value */
  write(value) {
    return this.store.t(`choice.${this.param.name}.${value}`);
  }

  /** @override */
  render() {
    return html`<div class="control choice" ?data-changed=${this.changed}>
      ${this.head(html`<select
        aria-labelledby=${`${this.key}-name`}
        .value=${live(String(this.value))}
        @change=${(/** @type {{target: any}} */ { target }) => this.set(target.value)}
      >
        ${(this.param.choices ?? []).map(
          (choice) => html`<option value=${choice} ?selected=${choice === this.value}>${this.write(choice)}</option>`,
        )}
      </select>`)}
      ${this.foot()}
    </div>`;
  }
}

class WidthsControl extends Control {
  get widths() {
    return Array.isArray(this.value) ? /** @type {unknown[]} */ (this.value) : [this.value];
  }

  /** @override @param {unknown} value */
  write(value) {
    return Array.isArray(value) ? value.join(' · ') : super.write(value);
  }

  /** @param {number} i @param {Event & {target: any}} event */
  #type(i, { target }) {
    const widths = this.widths.with(i, parseEntry(target.value));
    this.set(widths).then(() => {
      target.value = String(this.widths[i] ?? '');
    });
  }

  /** @override */
  render() {
    const { t } = this.store;
    const { widths } = this;
    const more = widths.length < (this.param.most ?? 1);
    return html`<div class="control widths" ?data-changed=${this.changed}>
      ${this.head(nothing)}
      <div class="layers" role="group" aria-labelledby=${`${this.key}-name`}>
        ${widths.map(
          (width, i) => html`<input
            type="text"
            inputmode="numeric"
            autocomplete="off"
            aria-label=${t('control.layer', { layer: i + 1 })}
            .value=${live(String(width))}
            @change=${(/** @type {Event} */ event) => this.#type(i, event)}
            @keydown=${(/** @type {any} */ event) => event.key === 'Enter' && event.target.blur()}
          />`,
        )}
        <button
          type="button"
          class="square"
          aria-label=${t('control.removeLayer')}
          title=${t('control.removeLayer')}
          ?disabled=${widths.length === 1}
          @click=${() => this.set(widths.slice(0, -1))}
        >−</button>
        <button
          type="button"
          class="square"
          aria-label=${t('control.addLayer')}
          title=${t('control.addLayer')}
          ?disabled=${!more}
          @click=${() => this.set([...widths, widths.at(-1)])}
        >+</button>
      </div>
      ${this.foot()}
    </div>`;
  }
}

customElements.define('ebm-switch', SwitchControl);
customElements.define('ebm-choice', ChoiceControl);
customElements.define('ebm-widths', WidthsControl);
