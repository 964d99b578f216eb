/** What an energy that knows classes says of an image. */

import { html } from 'lit';

/**
 * p(y | x) as bars, one a class.
 * @param {Float32Array} shares
 */
export const shareBars = (shares) =>
  html`<figure class="pad-classes"><figcaption>p(y | x)</figcaption><ol>${Array.from(
    shares,
    (share, y) =>
      html`<li style=${`--share: ${share}`} title=${`${Math.round(100 * share)}%`} ?data-likeliest=${share === Math.max(...shares)}
      aria-label=${`${y}: ${Math.round(100 * share)}%`}><i></i>${y}</li>`,
  )}</ol></figure>`;
