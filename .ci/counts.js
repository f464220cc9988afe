/**
 * Prints "N passed, N failed[, N skipped]" from vitest's JSON report. A test file that could not even be
 * loaded counts as one failed test. Exits with 1 if a test failed, none ran, or there is no report.
 */
import { readFileSync } from 'node:fs';

const counts = { passed: 0, failed: 0, skipped: 0 };
try {
  const report = JSON.parse(readFileSync(String(process.argv[2]), 'utf8'));
  for (const file of report.testResults) {
    /** @type {string[]} */
    const statuses = file.assertionResults.map((/** @type {{ status: string }} */ test) => test.status);
    for (const status of statuses) {
      if (status === 'passed' || status === 'failed') counts[status] += 1;
      else counts.skipped += 1;
    }
    if (file.status === 'failed' && !statuses.includes('failed')) counts.failed += 1;
  }
} catch {
  console.log('no test report: the tests did not run to their end');
}

const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
