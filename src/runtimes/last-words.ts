/** Of a running container's log on standard input: the last five complaints. POSIX sh. */
export const complaintsFilter = `grep -E '^[EF][0-9]{4} |x509|panic|"level":"(error|fatal|panic)"' | tail -n 5`

/**
 * Of an ended container's log on standard input: the last twelve lines that say something. What begins with a
 * space is the help that follows an unknown flag, and goroutines are what follows a fatal error. POSIX sh.
 */
export const lastWordsFilter = `grep -vE '^[[:space:]]|^$|^goroutine |^created by |^Usage:| flags:$|^[a-z0-9_.]+[/.][^ ]*\\(' | tail -n 12`
