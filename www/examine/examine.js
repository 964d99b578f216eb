/** The dialog that looks closer: one question a tab, each in a file that is fetched when somebody asks it. */

import { html, nothing } from 'lit';
import { unsafeStatic, html as written } from 'lit/static-html.js';
import './examine.css';
import { icon } from '../controls/icons.js';
import { Watched } from '../controls/watched.js';

/** @import {BackendChoice} from '../engine/protocol.js' */
/** @import {WorkerLike} from '../engine/client.js' */

/** Questions in the order of their tabs: each is an element `ebm-<name>` in a file of its own. */
const QUESTIONS = /** @type {Record<string, () => Promise<unknown>>} */ ({
  pushes: () => import('./pushes.js'),
  buffer: () => import('./buffer.js'),
  runs: () => import('./runs.js'),
  laws: () => import('./laws.js'),
  algebra: () => import('./algebra.js'),
  proofs: () => import('./proofs.js'),
});

class ExamineDialog extends Watched {
  static properties = {
    spawn: { attribute: false },
    question: { state: true },
    ready: { state: true },
    refusal: { state: true },
  };

  constructor() {
    super();
    /** Makes a worker for a backend. @type {(backend: BackendChoice) => WorkerLike} */
    this.spawn = () => {
      throw new Error('<ebm-examine> was opened before it was given a way to make workers.');
    };
    this.question = Object.keys(QUESTIONS)[0];
    /** Whether the question's element is there; nothing of it is while the dialog is closed. */
    this.ready = false;
    this.refusal = '';
  }

  begin() {
    this.#ask(this.question);
  }

  /** @param {string} question */
  async #ask(question) {
    if (this.ready && question === this.question) return;
    this.question = question;
    this.ready = false;
    this.refusal = '';
    try {
      await QUESTIONS[question]();
      if (question === this.question && this.querySelector('dialog')?.open) this.ready = true;
    } catch (error) {
      if (question === this.question) this.refusal = error instanceof Error ? error.message : String(error);
    }
  }

  /** The arrow keys go from tab to tab. @param {KeyboardEvent} event */
  #move(event) {
    const names = Object.keys(QUESTIONS);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = names[(names.indexOf(this.question) + step + names.length) % names.length];
    this.#ask(next);
    /** @type {HTMLElement | null} */ (this.querySelector(`#examine-${next}`))?.focus();
  }

  /** @override */
  render() {
    const { t } = this.store;
    const { question } = this;
    const tag = unsafeStatic(`ebm-${question}`);
    return html`<dialog class="sheet examine" aria-labelledby="examine-title" @close=${() => {
      this.ready = false;
    }}>
      <div class="sheet-body">
        <header>
          <h2 id="examine-title">${t('examine.title')}</h2>
          <form method="dialog"><button class="round small" aria-label=${t('help.close')}>${icon('close')}</button></form>
        </header>
        <div class="segmented examine-tabs" role="tablist" aria-labelledby="examine-title" @keydown=${this.#move}>
          ${Object.keys(QUESTIONS).map(
            (name) => html`<button type="button" role="tab" id=${`examine-${name}`} aria-controls="examine-panel"
              aria-selected=${String(name === question)} tabindex=${name === question ? 0 : -1}
              @click=${() => this.#ask(name)}>${t(`examine.${name}.title`)}</button>`,
          )}
        </div>
        <div id="examine-panel" role="tabpanel" aria-labelledby=${`examine-${question}`}>
          <p>${t(`examine.${question}.about`)}</p>
          ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}
          ${this.ready ? written`<${tag} .store=${this.store} .spawn=${this.spawn}></${tag}>` : nothing}
        </div>
      </div>
    </dialog>`;
  }
}

customElements.define('ebm-examine', ExamineDialog);
