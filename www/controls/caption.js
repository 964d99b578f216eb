/** One line under the loop: in slow motion and while stepping, what the stage does; else what the clock is doing. */

import { html } from 'lit';
import { STAGES } from '../engine/protocol.js';
import { Watched } from './watched.js';

class Caption extends Watched {
  #text() {
    const { t, frame, slow, mode, count, config } = this.store;
    const clock = frame.value?.clock;
    if (!clock || (clock.stage === null && !slow.value)) return t(`caption.${mode.value}`);
    if (clock.stage === null) return t('caption.between', { update: count(clock.update) });
    const stage = STAGES[clock.stage];
    const line = t(`caption.${stage}`, { batch: count(Number(config.value?.batch ?? 0)) });
    const steps = config.value?.sampler.steps;
    if (stage !== 'negatives' || clock.substep === null) return line;
    const at = { step: count(clock.substep + 1), steps: typeof steps === 'number' ? count(steps) : '?' };
    return `${line} ${t('caption.substep', at)}`;
  }

  /** @override */
  render() {
    return html`<p class="caption" aria-live=${this.store.slow.value ? 'polite' : 'off'}>${this.#text()}</p>`;
  }
}

customElements.define('ebm-caption', Caption);
