/** @peculiar/x509, whose dependency injection wants this polyfill to be there before it. */
import 'reflect-metadata';

export * from '@peculiar/x509';
