import { readFileSync } from 'node:fs';

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

/** What is looked at of a dashboard of Grafana. */
export interface Dashboard {
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[];
  };
}

export function readDashboard(): Dashboard {
  return JSON.parse(readFileSync(new URL('../../docs/grafana/flexbridge.json', import.meta.url), 'utf8')) as Dashboard;
}

/** Every query of every panel. */
export function dashboardQueries({
  panels,
}: Dashboard): readonly { readonly title: string; readonly expr: string; readonly legend: string }[] {
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ title, expr, legend: legendFormat })),
  );
}
