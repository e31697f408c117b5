import type { Trace } from './step.ts';

/** The steps, numbered, and the verdict. */
export function traceText({ destination, source, steps, verdict }: Trace): string {
  const width = Math.max(...steps.map(({ place }) => place.length));
  const lines = steps.flatMap(({ direction, place, text, stops, doubtful }, i) => [
    ...(direction === 'back' && steps[i - 1]?.direction === 'there' ? ['and back:'] : []),
    `${String(i + 1).padStart(2)}  ${place.padEnd(width)}  ${stops ? '! ' : doubtful ? '? ' : ''}${text}`,
    ...(stops?.remedy ? [`    ${' '.repeat(width)}  ${stops.remedy}`] : []),
  ]);
  return [`to ${destination}${source ? ` from ${source}` : ''}:`, ...lines, `verdict: ${verdict}`].join('\n');
}
