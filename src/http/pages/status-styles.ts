/** What only the pages about the bridge's state need: navigation, marks, cards, charts, tables that stack on a phone. */
export const STATUS_STYLES = `.wide header, .wide main { max-width: 80rem; }
.wide main { background: none; border: 0; padding: 0 1rem 2rem; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 0.5rem; padding: 0.5rem; background: var(--card); z-index: 1; }
nav { flex: 1 1 20rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem; margin: 0; padding: 0; list-style: none; }
nav a { display: block; padding: 0.35rem 0.6rem; border-radius: 0.3rem; text-decoration: none; }
nav a:hover { text-decoration: underline; }
nav a[aria-current] { background: var(--accent); color: var(--on-accent); }
.wide h1 { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
h3, h4, h5 { margin: 0; font-size: 1rem; line-height: 1.4; }
.region {
  margin: 0 0 1rem;
  padding: 1rem 1.25rem 1.25rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 0.5rem;
}
.region > h2 { margin: 0 0 0.75rem; }
.region p { margin: 0.5rem 0 0; }
.connection:empty { display: none; }
.connection {
  position: sticky;
  top: 0;
  margin: 0 0 1rem;
  padding: 0.75rem 1rem;
  border: 2px solid var(--wrong);
  border-radius: 0.5rem;
  background: var(--card);
  font-weight: 600;
}
.verdict { display: flex; gap: 0.75rem; align-items: center; }
.verdict svg { flex: none; width: 1.6rem; height: 1.6rem; }
.verdict p { margin: 0; font-size: 1.35rem; font-weight: 650; line-height: 1.3; }
.troubles { margin: 0.75rem 0 0; padding: 0; list-style: none; }
.troubles li { margin-top: 0.75rem; padding-left: 0.75rem; border-left: 3px solid var(--rule); }
.remedy { display: block; margin-top: 0.25rem; }
.ok { --state: var(--good); }
.waiting { --state: var(--faint); }
.attention { --state: var(--warn); }
.broken { --state: var(--wrong); }
svg.ok, svg.waiting, svg.attention, svg.broken { color: var(--state); }
.mark { display: inline-flex; gap: 0.35rem; align-items: center; color: var(--state); font-weight: 600; white-space: nowrap; }
.mark svg { flex: none; }
.chain { display: grid; grid-template-columns: 3fr 2fr 3fr; gap: 1rem 2.5rem; margin: 0; padding: 0; list-style: none; }
.stage { position: relative; min-width: 0; }
.stage > h3 { display: flex; gap: 0.5rem; align-items: center; margin-bottom: 0.5rem; color: var(--faint); }
.stage + .stage::before {
  content: "";
  position: absolute;
  top: 3.6rem;
  left: -1.85rem;
  width: 0.7rem;
  height: 0.7rem;
  border: solid var(--faint);
  border-width: 3px 3px 0 0;
  transform: rotate(45deg);
}
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 0.6rem; margin: 0; padding: 0; list-style: none; }
.card { min-width: 0; padding: 0.6rem 0.75rem; border: 1px solid var(--rule); border-left: 5px solid var(--state); border-radius: 0.35rem; background: var(--page); }
.card p { margin: 0.35rem 0 0; font-size: 0.9rem; }
.card.broken, .card.attention { grid-column: 1 / -1; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: 0.35rem 0.75rem; margin: 0.5rem 0 0; font-size: 0.9rem; }
.facts dt { font-size: 0.8rem; }
.feed + .feed { margin-top: 1rem; }
.feed > p { margin: 0 0 0.5rem; font-size: 0.9rem; }
details { margin-top: 0.75rem; }
summary { padding: 0.25rem 0; color: var(--accent); cursor: pointer; }
details[open] > summary { margin-bottom: 0.5rem; }
.ranges { display: flex; flex-wrap: wrap; gap: 0.25rem 0.5rem; align-items: center; }
.ranges a { padding: 0.25rem 0.75rem; border: 1px solid var(--accent); border-radius: 0.3rem; text-decoration: none; }
.ranges a[aria-current="true"] { background: var(--accent); color: var(--on-accent); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1.5rem 2rem; margin-top: 1rem; }
.chart { display: flex; flex-direction: column; min-width: 0; margin: 0; }
.chart figcaption p { margin: 0; font-size: 0.9rem; }
.chart .axis { margin: auto 0 0.75rem; padding-top: 0.5rem; color: var(--faint); font-size: 0.8rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0.25rem 0 0; padding: 0; list-style: none; font-size: 0.8rem; }
.swatch { display: inline-block; width: 0.8rem; height: 0.8rem; margin-right: 0.35rem; border: 1px solid var(--bar); background: var(--bar); vertical-align: -0.1rem; }
.swatch.pale { background: var(--bar-pale); }
.plot { display: flex; gap: 0.5rem; height: 8rem; }
.plot svg { flex: 1; min-width: 0; height: 100%; overflow: visible; }
.ticks { display: flex; flex-direction: column; justify-content: space-between; width: 3.4rem; margin: -0.6rem 0; color: var(--faint); font-size: 0.8rem; text-align: right; white-space: nowrap; }
.times { display: flex; justify-content: space-between; margin: 0.35rem 0 0 3.9rem; color: var(--faint); font-size: 0.8rem; }
.grid { stroke: var(--rule); }
.bars.full { fill: var(--bar); }
.bars.pale { fill: var(--bar-pale); }
table { width: 100%; border-collapse: collapse; font-size: 0.95rem; }
th, td { padding: 0.45rem 1rem 0.45rem 0; border-bottom: 1px solid var(--rule); overflow-wrap: break-word; text-align: left; vertical-align: top; }
.short { white-space: nowrap; }
thead th { color: var(--faint); font-size: 0.8rem; font-weight: 600; }
tbody th { font-weight: 600; }
code { font-size: 0.85em; color: var(--faint); overflow-wrap: anywhere; }
.findings th[scope="row"] { min-width: 11rem; }
.findings th[scope="row"] code { display: block; font-weight: 400; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
.plain { margin: 0; padding: 0; list-style: none; }
.plain li + li { margin-top: 0.5rem; }
tr:target { background: var(--page); }
.foot { margin: 1rem 0 0; font-size: 0.9rem; }
@media (max-width: 60rem) {
  .chain { grid-template-columns: 1fr; gap: 2rem; }
  .stage + .stage::before { top: -1.6rem; left: 1rem; transform: rotate(135deg); }
}
@media (max-width: 40rem) {
  .wide main { padding: 0 0.5rem 1rem; }
  header nav { order: 1; flex-basis: 100%; }
  nav a { padding: 0.35rem 0.5rem; }
  .region { padding: 0.75rem; }
  .stacked, .stacked tbody, .stacked tr, .stacked th, .stacked td { display: block; }
  .stacked thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stacked tr { padding: 0.5rem 0; border-bottom: 1px solid var(--rule); }
  .stacked th, .stacked td { padding: 0.1rem 0; border: 0; }
  .stacked td[data-label]::before { content: attr(data-label) ": "; color: var(--faint); }
  .numbers { font-size: 0.85rem; }
  .numbers th, .numbers td { padding-right: 0.35rem; }
}
@media (prefers-reduced-motion: no-preference) {
  .connection { animation: appear 0.3s; }
  @keyframes appear { from { opacity: 0; } }
}
`;
