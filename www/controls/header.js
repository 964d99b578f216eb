/** The head of the page: name, scene, the backend with its reason, language, theme, sharing, help. */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { LANGUAGES } from '../state/locale.js';
import { icon } from './icons.js';
import { Watched } from './watched.js';

/** @import {BackendChoice} from '../engine/protocol.js' */
/** @import {Language} from '../state/locale.js' */

/** @type {BackendChoice[]} */
const BACKENDS = ['auto', 'webgpu', 'wasm'];

/**
 * @typedef {object} HeaderActions
 * @property {(id: string) => void} loadScene
 * @property {(language: Language) => void} setLanguage
 * @property {() => void} toggleTheme
 * @property {(backend: BackendChoice) => string} backendAddress Where the page opens with another backend.
 * @property {() => void} share
 * @property {() => void} saveWeights
 * @property {() => void} openWeights
 * @property {() => void} help
 */

class Header extends Watched {
  static properties = { actions: { attribute: false } };

  constructor() {
    super();
    /** @type {HeaderActions} */
    this.actions = /** @type {any} */ (undefined);
  }

  #scenes() {
    const { t, manifest, scene, config } = this.store;
    const scenes = manifest.value?.scenes ?? [];
    const chosen = scene.value ?? '';
    const about = chosen === '' ? t('header.scene') : t(`scene.${chosen}.about`);
    const option = (/** @type {{id: string}} */ { id }) =>
      html`<option value=${id} ?selected=${id === chosen}>${t(`scene.${id}.title`)}</option>`;
    return html`<select class="scene quiet" aria-label=${t('header.scene')} title=${about} .value=${live(chosen)}
        ?disabled=${scenes.length === 0} @change=${(/** @type {{target: any}} */ { target }) => this.actions.loadScene(target.value)}>
        ${chosen === '' && config.value ? html`<option value="" selected disabled>${t('header.ownScene')}</option>` : nothing}
        ${scenes.filter(({ mend }) => !mend).map(option)}
        <optgroup label=${t('exhibit.title')}>${scenes.filter(({ mend }) => mend).map(option)}</optgroup>
      </select>`;
  }

  #badge() {
    const { t, backend, status, hasString } = this.store;
    const now = backend.value;
    const state = status.value;
    const name = now && state === 'live' ? t(`backend.${now.name}.title`) : t(`status.${state}`);
    const key = `backend.reason.${now?.reason}`;
    const reason = now ? (hasString(key) ? t(key) : now.reason) : t(`status.${state}About`);
    return html`<details class="popover badge" id="badge" data-status=${state} data-backend=${now?.name ?? nothing}>
      <summary title=${reason} aria-label=${name}>
        <span class="lamp" data-state=${state === 'live' ? now?.name : state}></span><span class="badge-name">${name}</span>
      </summary>
      <div class="popover-body popover-text">
        ${now ? html`<p><strong>${t(`backend.${now.name}.about`)}</strong></p>` : nothing}
        <p>${reason}</p>
        ${now?.adapter ? html`<p class="muted">${now.adapter}</p>` : nothing}
        <p class="links">${t('backend.open')}
          ${BACKENDS.map((choice) => html`<a href=${this.actions.backendAddress(choice)}>${t(`backend.choice.${choice}`)}</a> `)}
        </p>
      </div>
    </details>`;
  }

  #language() {
    const { t, locale } = this.store;
    return html`<label class="language" title=${t('header.language')}>${icon('language')}
      <span class="visually-hidden">${t('header.language')}</span>
      <select class="language-menu quiet" .value=${live(locale.value)}
        @change=${(/** @type {{target: any}} */ { target }) => this.actions.setLanguage(target.value)}>
        ${Object.entries(LANGUAGES).map(
          ([code, name]) =>
            html`<option value=${code} lang=${code} ?selected=${code === locale.value}>${name}</option>`,
        )}
      </select></label>`;
  }

  #share() {
    const { t } = this.store;
    /** @param {() => void} action */
    const close =
      (action) =>
      (/** @type {{target: any}} */ { target }) => {
        target.closest('details').open = false;
        action();
      };
    return html`<details class="popover">
      <summary class="round small" aria-label=${t('header.share')} title=${t('header.share')}>${icon('share')}</summary>
      <div class="popover-body menu">
        <button type="button" class="menu-item" @click=${close(this.actions.share)}>${t('share.link')}</button>
        <button type="button" class="menu-item" @click=${close(this.actions.saveWeights)}>${t('share.saveWeights')}</button>
        <button type="button" class="menu-item" @click=${close(this.actions.openWeights)}>${t('share.openWeights')}</button>
      </div>
    </details>`;
  }

  /** @override */
  render() {
    const { t, theme } = this.store;
    const other = theme.value === 'dark' ? 'light' : 'dark';
    return html`
      <div class="brand"><h1>EBM Playground</h1>${this.#scenes()}</div>
      <span class="spring"></span>
      ${this.#badge()} ${this.#language()}
      <button type="button" class="round small" aria-label=${t(`header.${other}`)} title=${t(`header.${other}`)}
        @click=${() => this.actions.toggleTheme()}>${icon(other === 'dark' ? 'moon' : 'sun')}</button>
      ${this.#share()}
      <button type="button" class="round small" aria-label=${t('header.guide')} title=${`${t('header.guide')} (?)`}
        @click=${() => this.actions.help()}>${icon('help')}</button>`;
  }
}

customElements.define('ebm-header', Header);
