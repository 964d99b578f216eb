/**
 * The levels of noise of a model of the plane: scrubs through them, shows the data as they are at the one that is shown, and measures
 * the exact likelihood along the probability flow.
 */

import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import './figures.css';
import './noise.css';
import { Watched } from '../controls/watched.js';
import { paced } from '../images/paced.js';
import { tickFormat } from './ticks.js';

/** Points that the likelihood is measured on, most: as many as go at once. */
const MEASURED = 1024;
/** Milliseconds between two levels of a drag. */
const DRAG = 30;
/** Notches of the slider. */
const NOTCHES = 200;
/** One network of every level: as an energy, as the score that is its slope, and as the noise from which the score follows. */
const BRIDGE = ['noise-conditional-mlp', 'score-mlp', 'diffusion-mlp'];

class NoisePanel extends Watched {
  static properties = {
    run: { attribute: false },
    shown: { attribute: false },
    ahead: { attribute: false },
    draft: { state: true },
    measuring: { state: true },
    measured: { state: true },
  };

  constructor() {
    super();
    /** Names what the figures are of: with another one they are none. */
    this.run = '';
    /** Whether the data are shown at the level. */
    this.shown = true;
    /** Whether it is shown where the samples are going to be. */
    this.ahead = true;
    /** The level that a drag asks for, until it is there. @type {number | null} */
    this.draft = null;
    this.measuring = false;
    /** Mean negative log-likelihood and its error, in nats. @type {{nll: number, error: number, points: number} | null} */
    this.measured = null;
    /** Is told whether the data are to be shown. @type {(shown: boolean) => void} */
    this.onShow = () => {};
    /** Is told whether it is to be shown where the samples are going to be. @type {(ahead: boolean) => void} */
    this.onAhead = () => {};
  }

  /** The parameter that says which level is shown. */
  get level() {
    const { manifest, config } = this.store;
    const model = manifest.value?.sections.model.find(({ id }) => id === config.value?.model.id);
    return model?.params.find(({ name }) => name === 'time' || name === 'noiseLevel');
  }

  /** Whether the sampler leads down the levels. */
  get #leads() {
    const { manifest, config } = this.store;
    return manifest.value?.sections.sampler.find(({ id }) => id === config.value?.sampler.id)?.needs === 'noise';
  }

  /** The levels that there are, and how they are spread. */
  get #range() {
    const { min = 0, max = 1, scale } = this.level ?? {};
    const { sigmaMin, sigmaMax } = /** @type {Record<string, unknown>} */ (this.store.config.value?.model ?? {});
    return { min: Number(sigmaMin ?? min), max: Number(sigmaMax ?? max), scale };
  }

  /** The level of a notch. @param {number} notch */
  #levelOf(notch) {
    const { min, max, scale } = this.#range;
    const share = notch / NOTCHES;
    return scale === 'log' ? min * (max / min) ** share : min + (max - min) * share;
  }

  /** @param {number} level */
  #notchOf(level) {
    const { min, max, scale } = this.#range;
    return NOTCHES * (scale === 'log' ? Math.log(level / min) / Math.log(max / min) : (level - min) / (max - min));
  }

  #onInput = (/** @type {{target: any}} */ { target }) => {
    this.draft = Number(this.#levelOf(Number(target.value)).toPrecision(3));
    this.#go();
  };

  #go = paced(
    async () => {
      const { level, draft } = this;
      if (!level || draft === null || !this.isConnected) return;
      // Whoever scrubs no longer follows the samples.
      await this.store.configure({ model: { [level.name]: draft, followSamples: false } }).finally(() => {
        if (this.draft === draft) this.draft = null;
      });
    },
    () => DRAG,
    (error) => this.isConnected && this.store.refused(error),
  );

  /** Crosses the bridge: with the same layers, a rule of noise levels and a sampler that asks for no energy where there is none. */
  #cross = (/** @type {{target: any}} */ { target }) => {
    const { store } = this;
    const { config, manifest } = store;
    const [now, sections] = [config.peek(), manifest.peek()?.sections];
    if (!now || !sections) return;
    const rule = sections.objective.find(({ id }) => id === now.objective.id);
    const kernel = sections.sampler.find(({ id }) => id === now.sampler.id);
    const id = BRIDGE[Number(target.value)];
    const params = sections.model.find((part) => part.id === id)?.params ?? [];
    const kept = params.filter(({ name }) => name in now.model).map(({ name }) => [name, now.model[name]]);
    const patch = {
      model: { ...Object.fromEntries(kept), id },
      ...(rule?.needs === 'noise' ? {} : { objective: { id: 'noise-prediction' } }),
      ...(kernel?.needsEnergy ? { sampler: { id: 'annealed-langevin' } } : {}),
    };
    store.configure(patch).catch(store.refused);
  };

  async #measure() {
    const { store, run } = this;
    const same = () => this.isConnected && run === this.run;
    this.measuring = true;
    try {
      const heldOut = await store.engine.heldOut();
      const points = (heldOut.length > 0 ? heldOut : await store.engine.data()).slice(0, 2 * MEASURED);
      if (!same()) return;
      const likelihoods = await store.engine.logLikelihood(points);
      if (!same()) return;
      const n = likelihoods.length;
      const nll = -likelihoods.reduce((sum, l) => sum + l, 0) / n;
      const variance = likelihoods.reduce((sum, l) => sum + (l + nll) ** 2, 0) / (n - 1);
      this.measured = { nll, error: Math.sqrt(variance / n), points: n };
    } catch (error) {
      if (same()) store.refused(error);
    } finally {
      if (this.isConnected) this.measuring = false;
    }
  }

  /** @override @param {Map<PropertyKey, unknown>} changed */
  willUpdate(changed) {
    super.willUpdate(changed);
    if (changed.has('run')) this.measured = null;
  }

  #figures() {
    const { t, locale, frame } = this.store;
    const { measured } = this;
    if (measured === null) return nothing;
    const entropy = frame.value?.metrics?.entropy;
    const write = tickFormat(locale.value, 1e-3);
    const text = (/** @type {number} */ x) => (Number.isFinite(x) ? write(x) : '–');
    return html`<dl class="figures" role="status">
      <div title=${t('noise.likelihoodAbout', { n: measured.points })}><dt>${t('noise.likelihood')}</dt><dd>${text(measured.nll)}${Number.isFinite(measured.error) ? ` ± ${text(measured.error)}` : nothing}</dd></div>
      ${typeof entropy === 'number' ? html`<div title=${t('metric.entropy.help')}><dt>${t('metric.entropy.label')}</dt><dd>${text(entropy)}</dd></div>` : nothing}
    </dl>`;
  }

  /** @override */
  render() {
    const { t, config, locale } = this.store;
    const { level } = this;
    const now = level && (this.draft ?? Number(config.value?.model[level.name]));
    const follows = this.draft === null && config.value?.model.followSamples === true;
    const told = now === undefined ? '' : follows ? t('noise.follows') : tickFormat(locale.value, 0.01)(now);
    const notch = now === undefined ? 0 : this.#notchOf(now);
    const bridge = BRIDGE.indexOf(String(config.value?.model.id));
    return html`<section class="noise">
      <h3>${t('noise.title')}</h3>
      ${
        bridge >= 0
          ? html`<label class="noise-level noise-bridge" title=${t('noise.bridgeAbout')}><span>${t('noise.bridge')}</span>
              <input type="range" min="0" max=${BRIDGE.length - 1} .value=${live(String(bridge))} style=${`--filled: ${(100 * bridge) / (BRIDGE.length - 1)}%`}
                aria-valuetext=${t(`model.${BRIDGE[bridge]}.title`)} @change=${this.#cross} />
              <output>${t(`noise.as.${BRIDGE[bridge]}`)}</output></label>`
          : nothing
      }
      ${
        level && now !== undefined
          ? html`<label class="noise-level"><span>${t(`param.model.${level.name}.label`)}</span>
              <input type="range" min="0" max=${NOTCHES} .value=${live(String(notch))} aria-valuetext=${told} style=${`--filled: ${(100 * notch) / NOTCHES}%`} @input=${this.#onInput} />
              <output>${told}</output></label>`
          : nothing
      }
      <label class="noise-shown"><input type="checkbox" .checked=${this.shown} @change=${(/** @type {{target: any}} */ { target }) => this.onShow(target.checked)} />
        ${t('noise.show')}</label>
      ${
        this.#leads
          ? html`<label class="noise-shown" title=${t('noise.aheadAbout')}><input type="checkbox" .checked=${this.ahead} @change=${(/** @type {{target: any}} */ { target }) => this.onAhead(target.checked)} />
        ${t('noise.ahead')}</label>`
          : nothing
      }
      ${this.#figures()}
      <p class="noise-measure"><button type="button" class="more" title=${t('noise.measureAbout')} ?disabled=${this.measuring} @click=${this.#measure}>${t(this.measuring ? 'noise.measuring' : 'noise.measure')}</button></p>
    </section>`;
  }
}

customElements.define('ebm-noise', NoisePanel);
