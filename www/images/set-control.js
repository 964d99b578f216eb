/** The control of a set of small numbers, such as the classes that are learned: one button each, at least one of them pressed. */

import { html } from 'lit';
import { Control } from '../controls/control.js';

class SetControl extends Control {
  /** @override @param {unknown} value */
  write(value) {
    return /** @type {number[]} */ (value).join(' ');
  }

  /** @param {number} member */
  #turn(member) {
    const members = /** @type {number[]} */ (this.value);
    const turned = members.includes(member) ? members.filter((other) => other !== member) : [...members, member];
    this.set(turned.sort());
  }

  /** @override */
  render() {
    const members = /** @type {number[]} */ (this.value);
    const all = Array.from({ length: (this.param.max ?? 0) + 1 }, (_, member) => member);
    return html`<div class="control set" ?data-changed=${this.changed}>
      ${this.head(html`<div class="set-members" role="group" aria-labelledby=${`${this.key}-name`}>
        ${all.map((member) => {
          const pressed = members.includes(member);
          return html`<button type="button" aria-pressed=${pressed} ?disabled=${pressed && members.length === 1}
            @click=${() => this.#turn(member)}>${member}</button>`;
        })}
      </div>`)}
      ${this.foot()}
    </div>`;
  }
}

customElements.define('ebm-set', SetControl);
