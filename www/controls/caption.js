/** One line under the loop: in slow motion and while stepping, what the stage does; else what the clock is doing. */

import { html } from 'lit';
import { STAGES } from '../engine/protocol.js';
import { Watched } from './watched.js';

class Caption extends Watched {
  #text() {
    const { t, hasString, frame, slow, mode, count, config } = this.store;
    const { clock, event } = frame.value ?? {};
    if (!clock || (!event && !slow.value)) {
      // Not every rule is about heights.
      const own = `objective.${config.value?.objective.id}.does`;
      return t(mode.value === 'run' && hasString(own) ? own : `caption.${mode.value}`);
    }
    if (event?.stage === null) return t('narration.move');
    if (event?.stage === undefined) return t('narration.between', { update: count(clock.update) });
    const stage = STAGES[event.stage];
    const line = t(`narration.${stage}`, { batch: count(Number(config.value?.batch ?? 0)) });
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
