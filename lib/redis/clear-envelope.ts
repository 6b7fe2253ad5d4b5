import { label, readLabel, unusable, type Envelope } from './envelope.js';

/** In the place of a key's id. Ids are longer. */
const CLEAR = 'clear';

/** Values in clear text, for a user who deliberately wants them so. */
export const clearEnvelope: Envelope = {
  seal: (_key, text) => label(CLEAR, text),
  open(_key, sealed) {
    const { keyId, content } = readLabel(sealed);
    if (keyId !== CLEAR) throw unusable('is encrypted, and encryptionKey is null');
    return content;
  },
};
