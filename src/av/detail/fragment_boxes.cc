#include "av/detail/fragment_boxes.h"

namespace pasu::av {
namespace {

constexpr uint32_t kTrackId = 1;

// The unity matrix of 8.2.2.
void write_matrix(BytesWriter& out) {
  for (const uint32_t value : {0x10000U, 0U, 0U, 0U, 0x10000U, 0U, 0U, 0U, 0x40000000U})
    out.u32(value);
}

void write_sample_entry(BytesWriter& out, const TrackDescription& track) {
  out.box(track.sample_entry, [&] {  // 12.1.3 VisualSampleEntry
    out.zeros(6);
    out.u16(1);     // data_reference_index
    out.zeros(16);  // pre_defined, reserved
    out.u16(static_cast<uint64_t>(track.width));
    out.u16(static_cast<uint64_t>(track.height));
    out.u32(0x480000);  // 72 dpi
    out.u32(0x480000);
    out.u32(0);
    out.u16(1);       // frame_count
    out.zeros(32);    // compressorname
    out.u16(0x18);    // depth
    out.u16(0xffff);  // pre_defined
    out.box(track.configuration, [&] { out.append(track.record); });
  });
}

void write_sample_table(BytesWriter& out, const TrackDescription& track) {
  out.box("stbl", [&] {
    out.full_box("stsd", 0, 0, [&] {
      out.u32(1);
      write_sample_entry(out, track);
    });
    // The samples are all in fragments.
    out.full_box("stts", 0, 0, [&] { out.u32(0); });
    out.full_box("stsc", 0, 0, [&] { out.u32(0); });
    out.full_box("stsz", 0, 0, [&] { out.zeros(8); });
    out.full_box("stco", 0, 0, [&] { out.u32(0); });
  });
}

void write_media(BytesWriter& out, const TrackDescription& track) {
  out.box("mdia", [&] {
    out.full_box("mdhd", 0, 0, [&] {
      out.zeros(8);
      out.u32(kTimescale);
      out.u32(0);
      out.u16(0x55c4);  // "und"
      out.u16(0);
    });
    out.full_box("hdlr", 0, 0, [&] {
      out.u32(0);
      out.text("vide");
      out.zeros(12);
      out.u8(0);  // name
    });
    out.box("minf", [&] {
      out.full_box("vmhd", 0, 1, [&] { out.zeros(8); });
      out.box("dinf", [&] {
        out.full_box("dref", 0, 0, [&] {
          out.u32(1);
          out.full_box("url ", 0, 1, [] {});  // In this file.
        });
      });
      write_sample_table(out, track);
    });
  });
}

void write_track(BytesWriter& out, const TrackDescription& track) {
  out.box("trak", [&] {
    out.full_box("tkhd", 0, 3, [&] {  // Enabled, in the presentation.
      out.zeros(8);
      out.u32(kTrackId);
      out.zeros(4 + 4 + 8 + 2 + 2 + 2 + 2);
      write_matrix(out);
      out.u32(static_cast<uint64_t>(track.width) << 16);
      out.u32(static_cast<uint64_t>(track.height) << 16);
    });
    write_media(out, track);
  });
}

}  // namespace

void write_init_segment(BytesWriter& out, const TrackDescription& track) {
  out.box("ftyp", [&] {
    out.text("iso6");
    out.u32(0);
    out.text("iso6mp41");
  });
  out.box("moov", [&] {
    out.full_box("mvhd", 0, 0, [&] {
      out.zeros(8);
      out.u32(kTimescale);
      out.u32(0);
      out.u32(0x10000);  // rate
      out.u16(0x100);    // volume
      out.zeros(10);
      write_matrix(out);
      out.zeros(24);
      out.u32(kTrackId + 1);  // next_track_ID
    });
    write_track(out, track);
    out.box("mvex", [&] {
      out.full_box("trex", 0, 0, [&] {
        out.u32(kTrackId);
        out.u32(1);  // default_sample_description_index
        out.zeros(12);
      });
    });
  });
}

void write_fragment_head(BytesWriter& out, const SampleDescription& sample) {
  const size_t start = out.size();
  size_t data_offset_at = 0;
  out.box("moof", [&] {
    out.full_box("mfhd", 0, 0, [&] { out.u32(sample.sequence); });
    out.box("traf", [&] {
      out.full_box("tfhd", 0, 0x20000, [&] { out.u32(kTrackId); });  // default-base-is-moof
      out.full_box("tfdt", 1, 0, [&] { out.u64(sample.decode_time); });
      // Offset of the data; per sample: duration, size, flags, composition offset (signed).
      out.full_box("trun", 1, 0x000f01, [&] {
        out.u32(1);
        data_offset_at = out.size();
        out.u32(0);
        out.u32(sample.duration);
        out.u32(sample.size);
        // 8.8.3.1: a key sample depends on no other; the rest do and are no sync samples.
        out.u32(sample.key ? 0x02000000 : 0x01010000);
        out.u32(static_cast<uint32_t>(sample.composition_offset));
      });
    });
  });
  out.patch_u32(data_offset_at, out.size() - start + 8);
  out.u32(uint64_t{sample.size} + 8);
  out.text("mdat");
}

}  // namespace pasu::av
