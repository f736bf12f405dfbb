export const crossing: { seconds: number; loss: number }
export function slownessProblem(
  seen: { sent: number; received: number; medianMs: number | null },
  crossings: number,
): string
