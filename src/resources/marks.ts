/**
 * Restart marks: before a file is written that a unit or static pod reads, a file named after the
 * reader is left here; the reader's own step sees it, restarts, and removes it. On a tmpfs, so that
 * a reboot, which restarts everything, clears them.
 */
export const markDirectory = '/run/kubestrap/restart'
