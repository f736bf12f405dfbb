/**
 * Files that a host serves on to others during a run: DIRECTORY/RUN/DIGEST. It is there only while a run is at work, or
 * after one that was cut; whoever makes an entry in authorized_keys makes this directory before, so that it is known where
 * to look for entries. `RUN/.user` names whose authorized_keys it is.
 */
export const transferDirectory = '/var/lib/kubestrap-transfer'

/** Where the file with this digest lies on a host that keeps it for others. */
export const stagedPath = (run: string, sha256: string): string => `${transferDirectory}/${run}/${sha256}`

/** A digest wanted by so many hosts goes from host to host; by fewer it is sent to each from this computer. */
export const fewestHosts = 10

/**
 * Files below this many bytes are sent to each host from this computer: a hop costs three commands and an SSH login. Chosen,
 * not measured: half a second of a line of 100 Mbit/s.
 */
export const fewestBytes = 5 * 1024 * 1024

/** After so many seconds sshd takes a key of a run no more, whatever became of the run. */
export const keySeconds = 12 * 3600
