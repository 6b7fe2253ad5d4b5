import { label, readLabel, unusable, type Envelope } from './envelope.js';

/** Stands where others have the id of a key, all of which are longer. */
const CLEAR = 'clear';

/** No envelope at all, for those who deliberately want none. */
export const clearEnvelope: Envelope = {
  seal: (_key, text) => label(CLEAR, text),
  open(_key, sealed) {
    const { keyId, content } = readLabel(sealed);
    if (keyId !== CLEAR) throw unusable('is encrypted, and encryptionKey is null');
    return content;
  },
};
