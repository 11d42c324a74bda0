// Holds the band of a learning curve over 200 simulated sets in each case; npm test does it over fewer.
process.env.BANYAN_SIMULATED_SETS = '200';
await import('../study/learning-curve/power-law.test.ts');
