export { type Exchange, sumOverWorkers } from './collectives.ts';
export { joinCluster } from './join.ts';
export { Team } from './team.ts';
export { type ClusterOptions, clusterFromEnvironment } from './tf-config.ts';
