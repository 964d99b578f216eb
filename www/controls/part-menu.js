/** The menu of a section: which density, model, objective, sampler or optimiser. What it is stands below on request. */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { obstacle } from './obstacles.js';
import { Watched } from './watched.js';
import './formula.js';

/** @import {Menu} from './parameters.js' */

class PartMenu extends Watched {
  static properties = {
    menu: { attribute: false },
    open: { state: true },
    refusal: { state: true },
  };

  constructor() {
    super();
    /** @type {Menu} */
    this.menu = /** @type {any} */ (undefined);
    this.open = false;
    this.refusal = '';
  }

  /** @param {string} id */
  async #choose(id) {
    this.refusal = '';
    try {
      // Those are the visitor's to bring.
      if (['images', 'binary-images'].includes(id))
        await (await import('../images/files.js')).pickImages(this.store, id);
      else await this.store.configure({ [this.menu.section]: { id } });
    } catch (error) {
      this.refusal = error instanceof Error ? error.message : String(error);
    }
    this.requestUpdate();
  }

  /** Why a part is greyed out, once the words for it are there. @param {string} obstacle */
  #reason(obstacle) {
    const text = this.store.t(`obstacle.${obstacle}`);
    return text && ` (${text})`;
  }

  /** @override */
  render() {
    const { t, manifest, config } = this.store;
    const { section, parts } = this.menu;
    const chosen = config.value?.[section].id ?? '';
    const why = parts.map(({ id }) =>
      manifest.value && config.value ? obstacle(manifest.value, config.value, section, id) : null,
    );
    // Where the one that is chosen is idle too, the menu as a whole is: the true energy is given.
    const idle = why[parts.findIndex(({ id }) => id === chosen)] ?? null;
    const about = t(`${section}.${chosen}.about`);
    return html`<div class="control part">
      <div class="control-head">
        <button
          type="button"
          class="name"
          id=${`menu-${section}`}
          title=${about}
          aria-expanded=${this.open}
          aria-controls=${`about-${section}`}
          @click=${() => {
            this.open = !this.open;
          }}
        >${t(`section.${section}`)}</button>
        <select
          aria-labelledby=${`menu-${section}`}
          .value=${live(chosen)}
          ?disabled=${idle !== null}
          aria-describedby=${idle === null ? nothing : `idle-${section}`}
          @change=${(/** @type {{target: any}} */ { target }) => this.#choose(target.value)}
        >
          ${parts.map(
            ({ id }, i) => html`<option value=${id} ?selected=${id === chosen} ?disabled=${why[i] !== null}
              >${t(`${section}.${id}.title`)}${why[i] && idle === null ? this.#reason(why[i]) : ''}</option>`,
          )}
        </select>
      </div>
      <div class="control-help" id=${`about-${section}`} ?hidden=${!this.open}>
        <p>${about}</p>
        <ebm-formula .store=${this.store} section=${section}></ebm-formula>
      </div>
      ${idle ? html`<p class="idle" id=${`idle-${section}`}>${t('control.idle')}</p>` : nothing}
      ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}
    </div>`;
  }
}

customElements.define('ebm-part-menu', PartMenu);
