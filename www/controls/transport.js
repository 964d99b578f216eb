/** The transport bar: play, step and back by the grain chosen, mode, speed, slow motion, reset and seed. */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { GRAINS, MODES } from '../engine/protocol.js';
import { SLOW_SPEEDS, SPEEDS } from '../state/clock.js';
import { icon } from './icons.js';
import { Watched } from './watched.js';
import './readout.js';

/** @import {ClockActions} from '../state/clock.js' */

class Transport extends Watched {
  static properties = { clock: { attribute: false }, open: { state: true } };

  constructor() {
    super();
    /** @type {ClockActions} */
    this.clock = /** @type {any} */ (undefined);
    /** Whether a narrow screen shows the second row. */
    this.open = false;
  }

  #steps() {
    const { t, playing, grain, status } = this.store;
    const name = t(playing.value ? 'transport.pause' : 'transport.play');
    const waiting = status.value !== 'live';
    const what = { grain: t(`grain.${grain.value}.name`) };
    return html`<div class="cluster steps">
      <button type="button" class="round" aria-label=${t('transport.back', what)} title=${t('transport.back', what)}
        ?disabled=${waiting} @click=${() => this.clock.back()}>${icon('back')}</button>
      <button type="button" class="round primary" id="play" aria-label=${name} title=${`${name} (${t('key.space')})`}
        ?disabled=${waiting} @click=${() => this.clock.toggle()}>${icon(playing.value ? 'pause' : 'play')}</button>
      <button type="button" class="round" aria-label=${t('transport.step', what)} title=${t('transport.step', what)}
        ?disabled=${waiting} @click=${() => this.clock.step()}>${icon('step')}</button>
    </div>`;
  }

  #grains() {
    const { t, grain } = this.store;
    return html`<div class="segmented" role="group" aria-label=${t('transport.grain')}>
      ${GRAINS.map(
        (name) => html`<button type="button" aria-pressed=${name === grain.value} title=${t(`grain.${name}.about`)}
          @click=${() => this.clock.setGrain(name)}>${t(`grain.${name}.title`)}</button>`,
      )}
    </div>`;
  }

  #modes() {
    const { t, mode } = this.store;
    return html`<div class="segmented" role="group" aria-label=${t('transport.mode')}>
      ${MODES.map(
        (name) => html`<button type="button" aria-pressed=${name === mode.value} title=${t(`mode.${name}.about`)}
          @click=${() => this.clock.setMode(name)}>${t(`mode.${name}.title`)}</button>`,
      )}
    </div>`;
  }

  #speed() {
    const { t, slow, speed, slowSpeed } = this.store;
    const values = slow.value ? SLOW_SPEEDS : SPEEDS;
    const chosen = slow.value ? slowSpeed.value : speed.value;
    /** @param {number | null} value */
    const text = (value) =>
      value === null ? t('speed.most') : t(slow.value ? 'speed.steps' : 'speed.updates', { n: value });
    return html`
      <button type="button" class="plain slow" aria-pressed=${slow.value} title=${t('transport.slowAbout')}
        @click=${() => this.clock.setSlow(!slow.value)}>${icon('slow')}<span>${t('transport.slow')}</span></button>
      <select aria-label=${t('transport.speed')} title=${t('transport.speed')} .value=${live(String(chosen))}
        @change=${(/** @type {{target: any}} */ { target }) => this.#setSpeed(target.value)}>
        ${values.map((value) => html`<option value=${String(value)} ?selected=${value === chosen}>${text(value)}</option>`)}
      </select>`;
  }

  /** @param {string} text */
  #setSpeed(text) {
    const value = text === 'null' ? null : Number(text);
    if (this.store.slow.value && value !== null) this.clock.setSlowSpeed(value);
    else this.clock.setSpeed(value);
  }

  #seed() {
    const { t, config } = this.store;
    /** @param {{target: any}} event */
    const typed = ({ target }) => {
      const seed = Number(target.value.normalize('NFKC'));
      const valid = Number.isSafeInteger(seed) && seed >= 0 && target.value.trim() !== '';
      if (valid && seed !== config.value?.seed) this.clock.reseed(seed);
      else target.value = String(config.value?.seed ?? '');
    };
    return html`<div class="cluster">
      <button type="button" class="plain" title=${t('transport.resetAbout')} @click=${() => this.clock.reset()}>
        ${icon('reset')}<span>${t('transport.reset')}</span></button>
      <label class="seed">${t('transport.seed')}
        <input type="text" inputmode="numeric" autocomplete="off" size="5" .value=${live(String(config.value?.seed ?? ''))}
          @change=${typed} @keydown=${(/** @type {any} */ e) => e.key === 'Enter' && e.target.blur()} /></label>
      <button type="button" class="round small" aria-label=${t('transport.reseed')} title=${t('transport.reseed')}
        @click=${() => this.clock.reseed()}>${icon('dice')}</button>
    </div>`;
  }

  /** @override */
  render() {
    const { t } = this.store;
    return html`
      <div class="transport-row">
        ${this.#steps()} ${this.#grains()}
        <ebm-readout .store=${this.store}></ebm-readout>
        <button type="button" class="round small narrow-only" aria-expanded=${this.open} aria-controls="transport-more"
          aria-label=${t('transport.more')} title=${t('transport.more')}
          @click=${() => {
            this.open = !this.open;
          }}>${icon('more')}</button>
      </div>
      <div class="transport-row secondary" id="transport-more" data-open=${this.open || nothing}>
        ${this.#modes()} ${this.#speed()} ${this.#seed()}
      </div>`;
  }
}

customElements.define('ebm-transport', Transport);
