/**
 * What all generated controls share: a name that opens the explanation, the mark of a changed value that puts the default
 * back, the core's sentence when it refuses a value, and the way a value travels to the core.
 */

import { html, nothing } from 'lit';
import { patchOf, sameValue, settingOf } from '../state/settings.js';
import { createDial } from './dial.js';
import { writeValue } from './scale.js';
import { Watched } from './watched.js';

/** @import {Entry} from '../state/settings.js' */

let count = 0;

export class Control extends Watched {
  static properties = {
    entry: { attribute: false },
    open: { state: true },
    draft: { state: true },
    refusal: { state: true },
  };

  constructor() {
    super();
    /** @type {Entry} */
    this.entry = /** @type {any} */ (undefined);
    this.open = false;
    /** The value under the visitor's hand, ahead of the config. @type {unknown} */
    this.draft = undefined;
    this.refusal = '';
    this.key = `control-${++count}`;
    this.dial = createDial((/** @type {unknown} */ value) => this.#deliver(value));
  }

  get param() {
    return this.entry.param;
  }

  get label() {
    return this.store.t(`param.${this.entry.section}.${this.param.name}.label`);
  }

  /** The value shown: the draft while there is one. */
  get value() {
    if (this.draft !== undefined) return this.draft;
    const config = this.store.config.value;
    return config ? settingOf(config, this.entry.section, this.param.name) : this.param.default;
  }

  get changed() {
    return !sameValue(this.value, this.param.default);
  }

  /** @param {unknown} value */
  set(value) {
    this.draft = value;
    this.refusal = '';
    return this.dial(value);
  }

  /** Back to the default. */
  restore() {
    return this.set(this.param.default);
  }

  /** @param {unknown} value */
  async #deliver(value) {
    try {
      await this.store.configure(patchOf(this.entry.section, this.param.name, value));
    } catch (error) {
      this.refusal = error instanceof Error ? error.message : String(error);
    }
    // A newer draft may have come meanwhile; its own delivery ends it.
    if (sameValue(this.draft, value)) this.draft = undefined;
  }

  /** How a value is written for people. @param {unknown} value @returns {string} */
  write(value) {
    if (value === null) return this.store.t(`null.${this.entry.section}.${this.param.name}`);
    if (typeof value === 'number') return writeValue(value);
    return String(value);
  }

  /** The head: name and mark, with whatever the kind puts to the right. @param {unknown} right */
  head(right) {
    const { t } = this.store;
    const { section } = this.entry;
    const help = t(`param.${section}.${this.param.name}.help`);
    return html`
      <div class="control-head">
        <button
          type="button"
          class="name"
          id=${`${this.key}-name`}
          title=${help}
          aria-expanded=${this.open}
          aria-controls=${`${this.key}-help`}
          @click=${() => {
            this.open = !this.open;
          }}
          @dblclick=${() => this.restore()}
        >${this.label}</button>
        ${
          this.changed
            ? html`<button
                type="button"
                class="to-default"
                title=${t('control.toDefault', { value: this.write(this.param.default) })}
                aria-label=${t('control.toDefaultOf', { name: this.label, value: this.write(this.param.default) })}
                @click=${() => this.restore()}
              ></button>`
            : nothing
        }
        <span class="control-value">${right}</span>
      </div>`;
  }

  /** The foot: explanation and refusal. */
  foot() {
    const help = this.store.t(`param.${this.entry.section}.${this.param.name}.help`);
    return html`
      <p class="control-help" id=${`${this.key}-help`} ?hidden=${!this.open}>${help}</p>
      ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}`;
  }
}
