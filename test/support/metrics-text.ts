/** Samples of Prometheus' text format 0.0.4 by their line up to the value, for example `up{job="x"}`; labels sorted. */
export function readSamples(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const read = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (read === null) throw new Error(`not a sample: ${line}`);
    const [, name = '', labels = '', value] = read;
    const sorted = [...labels.matchAll(/\w+="(?:[^"\\]|\\.)*"/g)].map(([label]) => label).sort();
    const series = sorted.length === 0 ? name : `${name}{${sorted.join(',')}}`;
    if (samples.has(series)) throw new Error(`twice: ${series}`);
    samples.set(series, Number(value));
  }
  return samples;
}
