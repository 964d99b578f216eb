/** One line under the loop: in slow motion and while stepping, what the stage does; else what the clock is doing. */

import { html } from 'lit';
import { STAGES } from '../engine/protocol.js';
import { Watched } from './watched.js';

class Caption extends Watched {
  /** What is told otherwise of some models and kernels: the last part of a key. @param {string} what */
  #variant(what) {
    const { manifest, config } = this.store;
    const part = (/** @type {'model' | 'objective' | 'sampler'} */ section) =>
      manifest.value?.sections[section].find(({ id }) => id === config.value?.[section].id);
    if (what === 'energy' && part('model')?.hasEnergy === false) return 'noEnergy';
    if (what === 'compare' && part('objective')?.needs === 'noise') return 'compareNoise';
    if (what === 'move' && part('sampler')?.needs === 'noise') return 'moveDown';
    // Neither slopes nor pushes: what is drawn is drawn outright.
    if (what === 'move' && config.value?.sampler.id.endsWith('gibbs')) return 'draw';
    return what;
  }

  #text() {
    const { t, hasString, frame, slow, mode, count, config } = this.store;
    const { clock, event } = frame.value ?? {};
    if (!clock || (!event && !slow.value)) {
      // Not every rule is about heights.
      const own = `objective.${config.value?.objective.id}.does`;
      return t(mode.value === 'run' && hasString(own) ? own : `caption.${mode.value}`);
    }
    if (event?.stage === null) return t(`narration.${this.#variant('move')}`);
    if (event?.stage === undefined) return t('narration.between', { update: count(clock.update) });
    const stage = STAGES[event.stage];
    const line = t(`narration.${this.#variant(stage)}`, { batch: count(Number(config.value?.batch ?? 0)) });
    const steps = config.value?.sampler.steps;
    if (event.grain !== 'substep' || stage !== 'negatives' || typeof steps !== 'number') return line;
    return `${line} ${t('narration.substep', { step: count(event.substep ?? 0), steps: count(steps) })}`;
  }

  /** @override */
  render() {
    return html`<p class="caption" aria-live=${this.store.slow.value ? 'polite' : 'off'}>${this.#text()}</p>`;
  }
}

customElements.define('ebm-caption', Caption);
