/** The control of a set of small numbers, such as the classes that are learned: one button each, at least one of them pressed. */

import { html } from 'lit';
import { Control } from '../controls/control.js';

class SetControl extends Control {
  /** @override @param {unknown} value */
  write(value) {
    return Array.isArray(value) ? value.join(' ') : '';
  }

  /** None for the moment in which other data have no such set. @returns {number[]} */
  get members() {
    return Array.isArray(this.value) ? this.value : [];
  }

  /** @param {number} member */
  #turn(member) {
    const { members } = this;
    const turned = members.includes(member) ? members.filter((other) => other !== member) : [...members, member];
    this.set(turned.sort());
  }

  /** @override */
  render() {
    const { members } = this;
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
