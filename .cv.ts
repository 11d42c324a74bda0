import { startRuntime, operation, operations } from '/work/main/src/runtime/index.ts';
import * as tf from '@tensorflow/tfjs';
await startRuntime({ require: 'tensorflow', threads: Number(process.env.T ?? 2) });
function t(n:number,h:number,c:number,o:number) {
  const x = tf.randomNormal([n,h,h,c]) as tf.Tensor4D, w = tf.randomNormal([3,3,c,o]) as tf.Tensor4D, b=tf.zeros([o]), dy=tf.randomNormal([n,h,h,o]) as tf.Tensor4D, fs=tf.tensor1d([3,3,c,o],'int32');
  const run = (what: string, f: ()=>tf.Tensor) => {
    const ts: number[] = [];
    for (let i=0;i<200;i++){ const s=performance.now(); f().dispose(); ts.push(performance.now()-s); }
    ts.sort((x,y)=>x-y); const d=ts[80]!;
    console.log(n,h,c,o,what,d.toFixed(3),'ms',(2*n*h*h*9*c*o/d/1e6).toFixed(0),'GF/s');
  };
  run('noop      ',()=>operation('Identity',[b],[{name:'T',type:4,value:1}]));
  run('own fwd   ',()=>operation('BanyanConvolution',[x,w,b],[{name:'rectified',type:3,value:false}]));
  run('tf fwd    ',()=>tf.conv2d(x,w,1,'same'));
  run('own input ',()=>operation('BanyanConvolutionGradOfInput',[dy,w]));
  run('tf input  ',()=>tf.conv2dTranspose(dy, w, [n,h,h,c],1,'same'));
  run('own filter',()=>operation('BanyanConvolutionGradOfFilter',[x,fs,dy]));
}
for (const n of (process.env.N??'1').split(',').map(Number)) { t(n,28,1,32); t(n,14,32,64); }
process.exit(0);
