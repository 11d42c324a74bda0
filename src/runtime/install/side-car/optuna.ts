import type { SideCar } from './side-car.ts';

/**
 * Optuna with what its samplers, its importances and its stores need. The digests are of the files for Linux on x86_64 and the Pythons that
 * are named; `pip install --dry-run --report` tells them.
 */
export const OPTUNA: SideCar = {
  name: 'search',
  what: 'Optuna 5.0.0',
  pythons: [11, 12, 13, 14],
  packages: [
    {
      package: 'alembic',
      version: '1.20.1',
      sha256: ['9970712cfb81ea26c8658d378aaa5b8f6ff9146e5bb111d70497c164016cf598'],
    },
    {
      package: 'cloudpickle',
      version: '3.1.3',
      sha256: ['1654f4f18e416447210a63c5c25a135d65a292156aa5fa519dfa4baf7726dddb'],
    },
    {
      package: 'cmaes',
      version: '0.13.1',
      sha256: ['659881b1d574adf0b378448821e3da24a4f7b7a1989640cd902000c567897db5'],
    },
    {
      package: 'colorlog',
      version: '6.12.0',
      sha256: ['30d392604e9110045a2c2aeefc27d7a017abbab63f3a8aee594eac0801df784e'],
    },
    {
      package: 'joblib',
      version: '1.6.0',
      sha256: ['3dbbf9f6e4b592a2357b854608e980fe6390d131d7a82f011a377ef2ebef7aba'],
    },
    { package: 'Mako', version: '1.4.3', sha256: ['723296007c870bfd6b3f0c3230dba7198096e5269297ebf5e4eff9e7ffa39d4f'] },
    {
      package: 'MarkupSafe',
      version: '3.0.4',
      sha256: [
        '6da83a088f8ef93b2d483a8232a4dbf4d69d3d8496b568a03c56becac43e1808',
        '8e124f974786f831d6043728e38296969d3579db8896fe004682f5758e613581',
        '434139499bb20b502ed3baa1f169e618f924a97e7a777fea1a49446d80106cf6',
        'a8e9f292fcda89b324f2f5c91d13f1424a153e40fc2756f38ee23b15835ff300',
      ],
    },
    {
      package: 'narwhals',
      version: '2.29.0',
      sha256: ['1c69b3dc30240f6e848c5a673cafc86affa44184ecce721e25b7194663ad10dc'],
    },
    {
      package: 'numpy',
      version: '2.4.6',
      sha256: [
        '89cd468399cfd2504718f0ba50e410dca55a170b61a02ad92bb18c8a65186e93',
        '90f9849678c75fe7afa2d348ac842c168b0a4d3d61919687216dfc547976d853',
        'a7830bab239b79cda9c08c2da014761cafb48da6150e1da17ac06283f43b6089',
        'a2c306dea656c12c68f51f4cea133cbe78ca7435eb28c735eac1d3ebe73be6e8',
      ],
    },
    {
      package: 'optuna',
      version: '5.0.0',
      sha256: ['5fff892ae6baf4948c810c5b8635ec67e08efb0709b41cb73b14e30391d44720'],
    },
    {
      package: 'packaging',
      version: '26.4',
      sha256: ['81383611a09c1bc0b08b76e0fd5829d7c6824c65b27a6aee339da133f4233ea2'],
    },
    {
      package: 'psycopg',
      version: '3.3.9',
      sha256: ['d2d7d04a1ce6dab4f5b27316bea3b52585cafa2f2d631e5b09dd69823f5c26f6'],
    },
    {
      package: 'psycopg-binary',
      version: '3.3.9',
      sha256: [
        '0953c1b94c73f97efce5b8fb1dad85cf5e4085b94902e439e27e6805ebc8be99',
        'a99f0b9a19ed7a56bf5d6776456b8f15f5364db8853b0f5d184db394a45c391d',
        '180e4a99904d7a77f826fbb6dd16834bb3313675d8a6f055e39742fda00c33dc',
        '4992acd5a7479013d52615b8c23fdce9bc22f3cacbfb1007fa474e6b5ebe94c7',
      ],
    },
    {
      package: 'PyMySQL',
      version: '1.2.4',
      sha256: ['e169bed906168fffd0088925f45b3df024c2775c6fd128da0df773d47c458840'],
    },
    {
      package: 'PyYAML',
      version: '6.0.4',
      sha256: [
        '622aa875fa6533f25fedcffe23079357d65a690d462200afed5d8e9d0e01ebee',
        '93bfb2459195406a518e2f487a9bbf01df240175f31e06f5a252ac6734c7bbf0',
        '50588147ab2c6a59b5f990a4905db80899a6c2bd197e046a6201f1e67587e794',
        'c604dc2613c417130479cdd6e55c2faa691b6365aa82b3dafddfcecc2eaf1ac7',
      ],
    },
    {
      package: 'scikit-learn',
      version: '1.9.1',
      sha256: [
        '52a0703bbc07ad27f560fa63fa68e4c54dd735bfbbf65b4dd3c225dc7547b6df',
        'e5d7b18a5b9dca241a74695f3275fa4c895a9dadc72b3d8df5fa9d1083c9b83e',
        '55e79d6e9b0923f1a978179822bd43d7f5543f45e970a00fe861f43486380aba',
        '993d332ff80e62efae9e39603b7e872297c418d780f01a01855269a3489c950f',
      ],
    },
    {
      package: 'scipy',
      version: '1.17.1',
      sha256: [
        '43af8d1f3bea642559019edfe64e9b11192a8978efbd1539d7bc2aaa23d92de4',
        '02ae3b274fde71c5e92ac4d54bc06c42d80e399fec704383dcd99b301df37458',
        '581b2264fc0aa555f3f435a5944da7504ea3a065d7029ad60e7c3d1ae09c5464',
        'eee2cfda04c00a857206a4330f0c5e3e56535494e30ca445eb19ec624ae75118',
      ],
    },
    {
      package: 'SQLAlchemy',
      version: '2.1.9',
      sha256: [
        '3a24b459e52b3ac138f6a05e99a4bd0589443a1ae18041a59c1cfdee12134a2b',
        'fcff5267a11d865efaff9ffc37ba3c8eab775bb4f4880a957c13dd7e63df5469',
        '15fb00f016b72e4e89bff3cd3b71f95012882aa5493c6c8c92a46d40714fa0dc',
        '0b6a25e87f313154e639632fdee02311c9b855ea957dc1a2c9e91ef1bd9b96cd',
      ],
    },
    {
      package: 'threadpoolctl',
      version: '3.8.0',
      sha256: ['f1b49c82704d50f13ffae019c727b0fa4f6791a58f48f06a09c45face1be66da'],
    },
    {
      package: 'tqdm',
      version: '4.70.1',
      sha256: ['c293e525e6fef9c20e8728fd4612df02a0aa31bb5fe91ecd93e123b1b7bffa73'],
    },
    {
      package: 'typing_extensions',
      version: '4.16.0',
      sha256: ['481caa481374e813c1b176ada14e97f1f67a4539ce9cfeb3f350d78d6370c2e8'],
    },
  ],
};
