# Reads event files by TensorBoard itself, for tensorboard.native.test.ts. python read-back.py FOLDER
import json
import sys

from tensorboard.backend.event_processing import event_accumulator, plugin_event_accumulator
from tensorboard.plugins.hparams import metadata

folder = sys.argv[1]
everything = {name: 0 for name in ("scalars", "histograms", "images", "audio", "tensors")}
events = event_accumulator.EventAccumulator(folder, size_guidance=everything)
events.Reload()
tags = events.Tags()
plugins = plugin_event_accumulator.EventAccumulator(folder, size_guidance={"tensors": 0})
plugins.Reload()
start = plugins.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
hparams = metadata.parse_session_start_info_plugin_data(start).hparams
json.dump({
    "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
    "histograms": {tag: [[e.step, e.histogram_value.num, e.histogram_value.min, e.histogram_value.max]
                         for e in events.Histograms(tag)] for tag in tags["histograms"]},
    "images": {tag: [[e.step, e.width, e.height] for e in events.Images(tag)] for tag in tags["images"]},
    "audio": {tag: [[e.step, e.sample_rate, e.content_type] for e in events.Audio(tag)] for tag in tags["audio"]},
    "texts": {tag: [[e.step, e.tensor_proto.string_val[0].decode()] for e in plugins.Tensors(tag)]
              for tag in plugins.PluginTagToContent("text")},
    "hparams": {name: getattr(value, value.WhichOneof("kind")) for name, value in hparams.items()},
}, sys.stdout)
