export { fileFingerprint } from './file-fingerprint.js';
export { FileLockedError } from './file-locked-error.js';
export { type FollowedFile, type FollowOptions, followFile } from './followed-file.js';
export { isReadFailure } from './is-read-failure.js';
export { makeFolder } from './make-folder.js';
export { processStartTime } from './process-start-time.js';
export { withLock } from './with-lock.js';
export { writeFileAtomically } from './write-file-atomically.js';
