import { chromium } from 'playwright-core';
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args:['--no-sandbox'] });
for (const [name,out,w,h,scheme,hash] of JSON.parse(process.argv[2])) { const p = await b.newPage({ viewport:{width:w,height:h}, colorScheme: scheme });
p.on('console', m=>console.log('console', m.type(), m.text())); p.on('pageerror', e=>console.log('error', e.message));
await p.goto('file:///tmp/'+name+'.html'+hash); await p.waitForTimeout(300);
await p.screenshot({ path: '/tmp/'+out+'.png' }); await p.close(); } await b.close();
