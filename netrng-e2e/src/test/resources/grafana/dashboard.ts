// A dashboard as Grafana publishes its types, with what it leaves open closed: the panels that we use,
// each with its own options, and queries for Prometheus.
import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import type * as stat from '@grafana/grafana-foundation-sdk/stat';
import type * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import type * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

type PanelOf<Type extends string, Options> = Omit<Panel, 'type' | 'targets' | 'options'> & {
  type: Type;
  targets: Omit<Dataquery, '_implementsDataqueryVariant'>[];
  options: Options;
};

export type NetrngDashboard = Omit<Dashboard, 'panels'> & {
  panels: (
    | RowPanel
    | PanelOf<'stat', stat.Options>
    | PanelOf<'state-timeline', statetimeline.Options>
    | PanelOf<'timeseries', timeseries.Options>
  )[];
};
