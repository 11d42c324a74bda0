# Makes the files beside it: python make.py (pyarrow 22, soundfile 0.13).
import datetime
import pathlib
import numpy
import pyarrow as pa
import pyarrow.parquet as pq

here = pathlib.Path(__file__).parent
time = datetime.datetime(2026, 11, 30, 7, 8, 9, 123456, tzinfo=datetime.timezone.utc)

columns = {
    "whole": pa.array([1, None, -(2**53) + 1, 4], pa.int64()),
    "small": pa.array([1, 2, 3, 255], pa.uint8()),
    "real": pa.array([0.5, float("nan"), None, -1e300], pa.float64()),
    "single": pa.array([0.25, 1, 2, 3], pa.float32()),
    "truth": pa.array([True, None, False, True]),
    "text": pa.array(["plain", "u\u0308", None, "two\nlines, \"quoted\""]),
    "kind": pa.array(["cat", "dog", "cat", None]).dictionary_encode(),
    "day": pa.array([time.date(), None, datetime.date(1969, 12, 31), time.date()]),
    "time": pa.array([time, None, time, time], pa.timestamp("us", tz="UTC")),
    "price": pa.array([1, 2, 3, 4], pa.int32()).cast(pa.decimal128(12, 2)),
    "list": pa.array([[1.5, 2], [], None, [3]], pa.list_(pa.float32())),
    "record": pa.array([{"a": 1, "b": ["x"]}, {"a": None, "b": []}, None, {"a": 2, "b": None}]),
}
table = pa.table(columns)
for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
    pq.write_table(table, here / f"{codec}.parquet", compression=codec, row_group_size=3)
bad = {"id": pa.array([1, 2**53, 3], pa.int64()), "real": pa.array([1.0, 2.0, float("inf")])}
pq.write_table(pa.table(bad), here / "bad.parquet")
pq.write_table(pa.table({"a": pa.array([b"\xff\xfe\x00"], pa.binary())}), here / "bytes.parquet")

import soundfile

# 0.3 s at 22,050 samples a second: 440 Hz on the left, 660 Hz on the right.
rate = 22050
t = numpy.arange(int(0.3 * rate)) / rate
stereo = numpy.round(16384 * numpy.sin(2 * numpy.pi * t[:, None] * [440, 660])) / 32768
soundfile.write(here / "tones.flac", stereo, rate, subtype="PCM_16")
soundfile.write(here / "tones.ogg", stereo, rate, format="OGG", subtype="VORBIS")
soundfile.write(here / "opus.ogg", stereo[:4800, 0], 48000, format="OGG", subtype="OPUS")
soundfile.write(here / "tones.mp3", stereo, rate, format="MP3", subtype="MPEG_LAYER_III")
for name in ["tones.flac", "tones.ogg", "tones.mp3"]:
    read, read_rate = soundfile.read(here / name)
    mean = read.mean(1)
    print(name, read_rate, len(mean), [float(numpy.round(v, 6)) for v in mean[1000:4000:300]])
