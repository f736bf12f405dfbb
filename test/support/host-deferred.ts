/** A promise to be resolved from outside (Promise.withResolvers comes with Node 22). */
export function deferred(): { promise: Promise<void>; resolve(): void } {
  let settle = (): void => {}
  const promise = new Promise<void>((resolve) => {
    settle = resolve
  })
  return { promise, resolve: () => settle() }
}
