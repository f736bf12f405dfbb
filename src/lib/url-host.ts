/** The host of a URL: a name, or an address without the brackets of IPv6; a text that is no URL as it is. */
export const urlHost = (url: string): string =>
  URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : url
