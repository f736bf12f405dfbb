import { it } from 'vitest'
import { changed, said, good } from './support.js'
const t: Record<string,string> = {
 deep: '['.repeat(100000), deepMap: '{a: '.repeat(20000), deepIndent: Array.from({length:900},(_,i)=>' '.repeat(i)+'a:').join('\n'), deepClosed: '['.repeat(20000)+']'.repeat(20000), deep2: '['.repeat(3000)+']'.repeat(3000), deep3: 'kubelet: {config: {x: '+'['.repeat(3000)+']'.repeat(3000)+'}}\n'+good,
 circ: changed('binaries:','kubelet:\n  config: &c { a: *c }\nbinaries:'), circ2: 'hosts: &h {a: *h}', circ3: 'kubernetes: &k\n  version: *k\n',
 proto: changed('  w1:','  __proto__:'), ctor: changed('  w1:','  constructor:'), nul: 'a\0', bom: '\ufeff'+good, anchored: changed('"1.20.2"','&v 1.20'), tagged: changed('"1.20.2"','!!float 1.20'), alias: changed('"1.20.2"','&v 1.20').replace('clusterName','x')+'network: *v\n',
 crlf: changed('"1.20.2"','1.20').replaceAll('\n','\r\n'), empt: changed('"1.20.2"',''), emptylist: changed('[worker]','\n      - worker\n      -'), dupv6: changed('192.0.2.21','fd00::1').replace('192.0.2.11,','"fd00:0::1",'),
 protolabel: changed('{ disk: ssd }','{ __proto__: x }'), merge: changed('  w1:\n','  w1:\n    <<: {a: 1}\n'), dupRole: changed('[worker]','[worker, worker]'), endText: 'kubernetes:', 
}
it('x',()=>{ for (const [n,x] of Object.entries(t)) { let out: string; try{ out=said(x).join('\n    ')}catch(e){out='THROWN '+(e as Error).stack?.slice(0,600)}
 console.log(n+'\n    '+out.slice(0,1500))} })
