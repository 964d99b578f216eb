/** The help dialog: what one sees, what one can do, and the keys. */

import { html } from 'lit';
import { icon } from './icons.js';
import { Watched } from './watched.js';

/** Keys of the page, with the locale key of what each does. */
const KEYS = /** @type {const} */ ([
  [['space'], 'play'],
  [['right'], 'step'],
  [['shift', 'right'], 'update'],
  [['left'], 'back'],
  [['r'], 'reset'],
  [['s'], 'slow'],
  [['undo'], 'undo'],
  [['question'], 'help'],
]);

/** Paragraphs about the page. */
const TOPICS = /** @type {const} */ (['see', 'loop', 'edit', 'trust', 'share']);

class Help extends Watched {
  /** A click beside the dialog closes it. @param {Event} event */
  #beside(event) {
    if (event.target === event.currentTarget) /** @type {HTMLDialogElement} */ (event.currentTarget).close();
  }

  /** @override */
  render() {
    const { t } = this.store;
    return html`<dialog class="sheet" aria-labelledby="help-title" @click=${this.#beside}>
      <div class="sheet-body">
        <header>
          <h2 id="help-title">${t('help.title')}</h2>
          <form method="dialog"><button class="round small" aria-label=${t('help.close')}>${icon('close')}</button></form>
        </header>
        ${TOPICS.map((topic) => html`<h3>${t(`help.${topic}.title`)}</h3><p>${t(`help.${topic}.text`)}</p>`)}
        <h3>${t('help.keys')}</h3>
        <table class="keys"><tbody>
          ${KEYS.map(
            ([keys, action]) => html`<tr>
              <th scope="row">${keys.map((key) => html`<kbd>${t(`key.${key}`)}</kbd> `)}</th>
              <td>${t(`help.key.${action}`)}</td>
            </tr>`,
          )}
        </tbody></table>
      </div>
    </dialog>`;
  }
}

customElements.define('ebm-help', Help);
