/** What only the pages about events, quarantine and audit need. */
export const EVENTS_STYLE = `.search { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr auto; gap: 0.75rem; align-items: end; }
.search label { margin-top: 0; }
.search select, .search input { height: 2.8rem; }
select {
  width: 100%;
  padding: 0.6rem;
  border: 1px solid var(--line);
  border-radius: 0.3rem;
  background: var(--page);
  color: inherit;
  font: inherit;
}
time span { white-space: nowrap; }
caption { padding-bottom: 0.5rem; color: var(--faint); font-size: 0.9rem; text-align: left; }
.more { margin-top: 1rem; }
.more a { border: 1px solid var(--accent); }
pre {
  margin: 0;
  padding: 0.75rem;
  border: 1px solid var(--rule, var(--line));
  border-radius: 0.3rem;
  background: var(--page);
  font: 0.85rem/1.45 ui-monospace, monospace;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}
.sides { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 1rem; align-items: start; }
.fields { display: block; margin: 0; }
.fields > div { display: grid; grid-template-columns: minmax(8rem, 2fr) 3fr; gap: 0.25rem 0.75rem; padding: 0.3rem 0; border-bottom: 1px solid var(--rule, var(--line)); }
.fields dd { font: 0.85rem/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.commands { grid-template-columns: 1fr; }
@media (max-width: 60rem) {
  .sides { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 40rem) {
  .search { grid-template-columns: 1fr; }
  .fields > div { grid-template-columns: 1fr; gap: 0; }
  .stacked caption { display: block; }
}
`;
