/** A text that was to be a URL, without who logs in there: in one that is wrong a password may hold any character. */
export const withoutLogin = (text: string): string => text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@')
