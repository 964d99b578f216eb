/** Files to and from the visitor's disk. */

/** Offers bytes as a download. @param {BlobPart} content @param {string} name @param {string} type */
export function saveFile(content, name, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  // The download has its own hold on the blob once the click is dispatched.
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}

/** Asks for a file. @param {string} accept @returns {Promise<File | null>} */
export function openFile(accept) {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = accept;
    input.addEventListener('change', () => resolve(input.files?.[0] ?? null));
    input.addEventListener('cancel', () => resolve(null));
    input.click();
  });
}
