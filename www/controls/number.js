/** The control of a number or whole number: slider, typed entry, unit, and a switch for "coupled" or "automatic". */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { Control } from './control.js';
import { fromPosition, middle, parseEntry, positions, toPosition, writeValue } from './scale.js';

class NumberControl extends Control {
  /** @returns {import('./scale.js').Range} */
  get range() {
    const { min = 0, max = 1, scale, kind } = this.param;
    return { min, max, scale, whole: kind === 'integer' };
  }

  /** The slider moves. A dial follows the hand; what recompiles waits for the release. @param {Event & {target: any}} event */
  #slide(event) {
    const value = fromPosition(Number(event.target.value), this.range);
    if (this.param.live || event.type === 'change') this.set(value);
    else this.draft = value;
  }

  /** @param {Event & {target: any}} event */
  #type(event) {
    const text = event.target.value;
    if (text.trim() === writeValue(/** @type {number} */ (this.value))) return;
    const parsed = parseEntry(text);
    this.set(parsed).then(() => {
      event.target.value = this.write(this.value);
    });
  }

  /** @param {KeyboardEvent & {target: any}} event */
  #key(event) {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === 'Enter') event.target.blur();
    if (by === undefined) return;
    event.preventDefault();
    const position = toPosition(/** @type {number} */ (this.value), this.range) + by;
    this.set(fromPosition(position, this.range)).then(() => {
      event.target.value = this.write(this.value);
    });
  }

  /** Automatic or one's own: starts from what is in force, as far as the core reports it. */
  #toggle() {
    const inForce = this.store.frame.value?.metrics?.[this.param.name];
    this.set(this.value === null ? (inForce ?? middle(this.range)) : null);
  }

  /** @override */
  render() {
    const { range, value, param } = this;
    const automatic = value === null;
    const shown = typeof value === 'number' ? value : middle(range);
    const unit = param.unit && html`<span class="unit">${param.unit}</span>`;
    const named = `${this.key}-name`;
    const toggle = html`<button
      type="button"
      class="automatic"
      aria-pressed=${automatic}
      @click=${this.#toggle}
    >${this.write(null)}</button>`;
    const entry = html`<span class="entry"><input
      type="text"
      inputmode="decimal"
      autocomplete="off"
      spellcheck="false"
      aria-labelledby=${named}
      aria-invalid=${this.refusal !== ''}
      .value=${live(this.write(value))}
      @change=${this.#type}
      @keydown=${this.#key}
      @focus=${(/** @type {{target: HTMLInputElement}} */ { target }) => target.select()}
    />${unit || nothing}</span>`;
    return html`<div class="control number" ?data-changed=${this.changed}>
      ${this.head(html`${param.nullable ? toggle : nothing}${automatic ? nothing : entry}`)}
      <input
        type="range"
        min="0"
        max=${positions(range)}
        step="1"
        ?disabled=${automatic}
        aria-labelledby=${named}
        aria-valuetext=${`${this.write(value)} ${param.unit}`.trim()}
        .value=${live(String(toPosition(shown, range)))}
        style=${`--filled: ${(100 * toPosition(shown, range)) / positions(range)}%`}
        @input=${this.#slide}
        @change=${this.#slide}
        @dblclick=${() => this.restore()}
      />
      ${this.foot()}
    </div>`;
  }
}

customElements.define('ebm-number', NumberControl);
