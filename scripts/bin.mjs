#!/usr/bin/env node
// The installed program; a checkout starts cli.mjs itself, by which hints tell them apart.
import './cli.mjs';
