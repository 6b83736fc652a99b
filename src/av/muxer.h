// Access units into files (MP4, MKV, ...) and into fragmented MP4 for the page.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "media/access_unit.h"
#include "media/codec.h"

namespace pasu::av {

/// Writes one file. It grows as PATH.part and gets its final name in finish(); without finish() the
/// partial file is removed. One thread at a time.
class FileMuxer {
 public:
  /// The container comes from the extension. Units are later addressed by position in `streams`.
  /// Errors: io (unwritable), unsupported (extension, or codec in that container).
  [[nodiscard]] static Result<std::unique_ptr<FileMuxer>> create(
      const std::string& path, const std::vector<media::StreamInfo>& streams);
  virtual ~FileMuxer() = default;
  /// Errors: no_space, io. AccessUnit::stream is the position in `streams`.
  [[nodiscard]] virtual Result<void> write(const media::AccessUnit& unit) = 0;
  [[nodiscard]] virtual Result<void> finish() = 0;
};

/// A live fragmented MP4 of one video stream (ISO 14496-12 8.8): an init segment, then one moof +
/// mdat an access unit, for MSE. One thread at a time.
class FragmentMuxer {
 public:
  /// H.264 and H.265 with or without extradata; Annex B units are made length-prefixed. Without
  /// extradata, parameter sets must come in `first_key`, the first key access unit.
  [[nodiscard]] static Result<std::unique_ptr<FragmentMuxer>> create(
      const media::StreamInfo& stream, const media::AccessUnit& first_key);
  virtual ~FragmentMuxer() = default;
  /// `video/mp4; codecs="avc1.64001E"`
  [[nodiscard]] virtual const std::string& mime() const = 0;
  [[nodiscard]] virtual const Bytes& init_segment() const = 0;
  /// Of the pictures, as the init segment has it.
  [[nodiscard]] virtual int width() const = 0;
  [[nodiscard]] virtual int height() const = 0;
  /// The fragment of one unit. Decode time and presentation time are the unit's, exact to the
  /// 90 kHz tick; a decode time before 0, as a file with B frames begins with, is written as 0. The
  /// duration written is generous, so that browsers play on over a dropped frame.
  /// Errors: malformed, truncated, too_large. The next unit may be good again.
  [[nodiscard]] virtual Result<Bytes> fragment(const media::AccessUnit& unit) = 0;
};

}  // namespace pasu::av
