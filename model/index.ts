export * from './protocol/machine.ts';
