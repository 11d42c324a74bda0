import type { SideCar } from './side-car.ts';

/**
 * TensorFlow's converter to the form for phones, and LiteRT, which runs that. The digests are of the files for Linux on x86_64 and the
 * Pythons that are named; `pip install --dry-run --report` tells them.
 */
export const TFLITE: SideCar = {
  name: 'tflite',
  what: "TensorFlow's converter with LiteRT",
  pythons: [11, 12, 13],
  packages: [
    {
      package: 'absl-py',
      version: '2.5.1',
      sha256: ['721200f2f0e9960f2ca9dc3a2a706b201f5f75d812c158f059cbbe29eeafbdb8'],
    },
    {
      package: 'ai-edge-litert',
      version: '2.3.0',
      sha256: [
        '1f15078a6725d2357d9de9221664c29afa0545d807559c5f7199ce5e40b96b23',
        'dc9f56c23e0dcf182b6c35f23fbb102ed048296588882b806d5eff7654c04c88',
        '985ac3823fe1d5d6a04cf5f613cc2adf98a9c8a456af0b5efa8d9ac6b118ea14',
      ],
    },
    {
      package: 'astunparse',
      version: '1.6.3',
      sha256: ['c2652417f2c8b5bb325c885ae329bdf3f86424075c4fd1a128674bc6fba4b8e8'],
    },
    {
      package: 'backports.strenum',
      version: '1.2.8',
      sha256: ['fc297cb26971f7d5e15a478a06a78575197f81daea47975771b1aae996dcccf4'],
    },
    {
      package: 'certifi',
      version: '2026.10.19.post1',
      sha256: ['1324c476b4811eff41a8bc2122cd0bbd4d9c7234c725446d99ab1612b3a7fdd2'],
    },
    {
      package: 'charset-normalizer',
      version: '3.5.3',
      sha256: [
        '2a6f937e0b70133d1f826d0a253331b6fe1a4c874808cc12e16f2fb8177042f4',
        'e5e4785d8a0adeadfbdf75f4efc357911842674651cbafd7e97f69b11ec3cbc6',
        '656b9744bac4493561d28b56d7d646afd7a8471254ef7004d849aa8368020037',
      ],
    },
    {
      package: 'flatbuffers',
      version: '25.12.19',
      sha256: ['7634f50c427838bb021c2d66a3d1168e9d199b0607e6329399f04846d42e20b4'],
    },
    { package: 'gast', version: '0.7.0', sha256: ['99cbf1365633a74099f69c59bd650476b96baa5ef196fec88032b00b31ba36f7'] },
    {
      package: 'google-pasta',
      version: '0.2.0',
      sha256: ['b32482794a366b5366a32c92a9a9201b107821889935a02b3e51f6b432ea84ed'],
    },
    {
      package: 'grpcio',
      version: '1.85.3',
      sha256: [
        'f2948333a1f462c0e559b5ea436655ed36822fa448f5713d6de2d483bed6e03f',
        '8266434d54c3442ebdba71d97e6f688b73dd00194bda6e1e35e57272afbd2d73',
        '9d20015c0dfc91de7a9a037cc84c7a174e8fe62e6427f563f1e2e35ca10f3798',
      ],
    },
    {
      package: 'h5py',
      version: '3.14.0',
      sha256: [
        '723a40ee6505bd354bfd26385f2dae7bbfa87655f4e61bab175a49d72ebfc06b',
        '0cbd41f4e3761f150aa5b662df991868ca533872c95467216f2bec5fcad84882',
        'd90e6445ab7c146d7f7981b11895d70bc1dd91278a4f9f9028bc0c95e4a53f13',
      ],
    },
    { package: 'idna', version: '3.20', sha256: ['ab7ae7122974553370f0bdb919e1a960b2cd1bc1ef0276416d896db81c14582c'] },
    {
      package: 'keras',
      version: '3.15.1',
      sha256: ['836460e480930acbd19bb7a17e62f9ecad40e8a9af9a651fc8d0586a96d27e20'],
    },
    {
      package: 'libclang',
      version: '18.1.1',
      sha256: ['c533091d8a3bbf7460a00cb6c1a71da93bffe148f172c7d03b1c31fbf8aa2a0b'],
    },
    {
      package: 'markdown-it-py',
      version: '4.3.0',
      sha256: ['7aa1511a46c39138de78d9eba92ce47e63124d8003fc98b3a351909e04239efa'],
    },
    {
      package: 'mdurl',
      version: '0.1.2',
      sha256: ['84008a41e51615a49fc9966191ff91509e3c40b939176e643fd50a5c2196b8f8'],
    },
    {
      package: 'ml-dtypes',
      version: '0.6.0',
      sha256: [
        '6c8e39b53e90afda8ce52859c93de4dba3e02b76d85dcf091cc469f9184c6dae',
        '3b4a480aa8fd54a1805b8ac10f3f91763926a74f73c0c364c10f9231854f4170',
        '26b1f1fa4f0435a2946859823f6e2bf06796f1e9f10f5a05b08a5e3c8f46ff69',
      ],
    },
    {
      package: 'namex',
      version: '0.1.0',
      sha256: ['e2012a474502f1e2251267062aae3114611f07df4224b6e06334c57b0f2ce87c'],
    },
    {
      package: 'numpy',
      version: '2.4.6',
      sha256: [
        '89cd468399cfd2504718f0ba50e410dca55a170b61a02ad92bb18c8a65186e93',
        '90f9849678c75fe7afa2d348ac842c168b0a4d3d61919687216dfc547976d853',
        'a7830bab239b79cda9c08c2da014761cafb48da6150e1da17ac06283f43b6089',
      ],
    },
    {
      package: 'opt-einsum',
      version: '3.4.0',
      sha256: ['69bb92469f86a1565195ece4ac0323943e83477171b91d24c35afe028a90d7cd'],
    },
    {
      package: 'optree',
      version: '0.20.0',
      sha256: [
        'cd49b5a6066ebb027b37afa19f02d77e33067f33b0d5b7602b537e6892789d00',
        '5c4ed341ea1ee7eb04eff01527b88a868cb19aac672a667e0aefadf7d14c0260',
        'd1034c2cc02ec12ed413727664f015a681e2eea551e05640951b05b06c07f084',
      ],
    },
    {
      package: 'packaging',
      version: '26.4',
      sha256: ['81383611a09c1bc0b08b76e0fd5829d7c6824c65b27a6aee339da133f4233ea2'],
    },
    {
      package: 'protobuf',
      version: '7.36.2',
      sha256: ['89f23aa53c24553a2416fd4fd1ec06f74fa42b14b546d8883128813f775bbfd2'],
    },
    {
      package: 'pygments',
      version: '2.21.0',
      sha256: ['2363c69b61c4a97c838da3b130dcd6468f4848992b21a82f2a63ec34377137d9'],
    },
    {
      package: 'requests',
      version: '2.34.2',
      sha256: ['2a0d60c172f83ac6ab31e4554906c0f3b3588d37b5cb939b1c061f4907e278e0'],
    },
    {
      package: 'rich',
      version: '15.0.0',
      sha256: ['33bd4ef74232fb73fe9279a257718407f169c09b78a87ad3d296f548e27de0bb'],
    },
    {
      package: 'setuptools',
      version: '84.2.1',
      sha256: ['ca140b45d5325a9478f880e351484f62fef15f336462e449ca0c03c873d589c2'],
    },
    { package: 'six', version: '1.17.0', sha256: ['4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274'] },
    {
      package: 'tensorflow-cpu',
      version: '2.21.0',
      sha256: [
        '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
        'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
        '05af7c26d35f4de910b5598c7b507e3981831a7b0f47fed9a405d995d51d7793',
      ],
    },
    {
      package: 'termcolor',
      version: '3.3.0',
      sha256: ['cf642efadaf0a8ebbbf4bc7a31cec2f9b5f21a9f726f4ccbb08192c9c26f43a5'],
    },
    {
      package: 'tqdm',
      version: '4.70.1',
      sha256: ['c293e525e6fef9c20e8728fd4612df02a0aa31bb5fe91ecd93e123b1b7bffa73'],
    },
    {
      package: 'typing-extensions',
      version: '4.16.0',
      sha256: ['481caa481374e813c1b176ada14e97f1f67a4539ce9cfeb3f350d78d6370c2e8'],
    },
    {
      package: 'urllib3',
      version: '2.8.0',
      sha256: ['0cf3cae568d36aa9576b28dfb35f11328f1cb974ca7647d9475ebb86c75ac6e3'],
    },
    {
      package: 'wheel',
      version: '0.48.0',
      sha256: ['3217dcc807155e45db462d7ef2431f5ddda0d7273b700d05a67b271ceb1287ab'],
    },
    {
      package: 'wrapt',
      version: '2.5.2',
      sha256: [
        '0743950d3dda9940e56f81f5334ba051c4fe2e1421e4e4a4ef8eb8fb86a90894',
        '092472b7b1494deef40dac5e9f6295013a9d51b112b5fbc4350f64dc2574e46a',
        '8b039b3a296762db1908d6108365225393c4fb33c1dbc5f00aa36f8302eaeaa0',
      ],
    },
  ],
};
