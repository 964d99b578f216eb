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
export const openFile = async (accept) => (await openFiles(accept, false))[0] ?? null;

/** Asks for files; none where the visitor changes their mind. @param {string} accept @param {boolean} multiple @returns {Promise<File[]>} */
export function openFiles(accept, multiple) {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    Object.assign(input, { accept, multiple });
    input.addEventListener('change', () => resolve([...(input.files ?? [])]));
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  });
}
