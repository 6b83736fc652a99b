// The clips of tests/make_media.sh, read and decoded, for this room's tests.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "av/decoder.h"
#include "av/demuxer.h"

namespace pasu::av {

/// Empty where PASU_TEST_MEDIA is not set; ctest sets it.
inline std::string media_path(const std::string& name) {
  const char* folder = std::getenv("PASU_TEST_MEDIA");
  return folder == nullptr ? std::string() : std::string(folder) + "/" + name;
}

class MediaTest : public testing::Test {
 protected:
  void SetUp() override {
    if (media_path("").empty()) GTEST_SKIP() << "PASU_TEST_MEDIA names no clips; ctest makes them";
    folder_ = std::filesystem::temp_directory_path() /
              ("pasu_av_" + std::to_string(getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  /// A path for this test's own files.
  std::string scratch(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

/// A JPEG with an EXIF orientation (1 to 8) put into it. EXIF 2.32 4.5.4, 4.6.4.
inline std::string with_orientation(const std::string& jpeg, char orientation) {
  const std::string tiff =
      std::string("MM\0\x2A\0\0\0\x08", 8) +               // Big-endian, IFD at 8.
      std::string("\0\x01\x01\x12\0\x03\0\0\0\x01", 10) +  // One SHORT: 0x0112.
      std::string("\0", 1) + orientation + std::string(6, '\0');
  const std::string exif = std::string("Exif\0\0", 6) + tiff;
  const std::string size{'\0', static_cast<char>(exif.size() + 2)};
  return jpeg.substr(0, 2) + "\xFF\xE1" + size + exif + jpeg.substr(2);
}

inline std::unique_ptr<Demuxer> open_input(const std::string& path) {
  auto demuxer = Demuxer::open(path);
  EXPECT_TRUE(demuxer) << demuxer.error().message();
  return demuxer ? std::move(*demuxer) : nullptr;
}

/// Every unit of one stream, or of all (-1).
inline std::vector<media::AccessUnit> read_units(Demuxer& demuxer, int stream = -1) {
  std::vector<media::AccessUnit> units;
  for (;;) {
    auto unit = demuxer.read();
    EXPECT_TRUE(unit) << unit.error().message();
    if (!unit || !*unit) return units;
    if (stream < 0 || (*unit)->stream == stream) units.push_back(std::move(**unit));
  }
}

/// FNV-1a of the visible samples.
inline uint64_t hash_pixels(const media::Frame& frame) {
  uint64_t hash = 14695981039346656037u;
  const bool packed =
      frame.format == media::PixelFormat::rgb24 || frame.format == media::PixelFormat::bgr24;
  for (int i = 0; i < 3 && frame.planes[i].data != nullptr; ++i) {
    auto [width, height] = plane_size(frame.format, frame.width, frame.height, i);
    if (packed) width *= 3;
    if (frame.format == media::PixelFormat::nv12 && i == 1) width *= 2;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        hash = (hash ^ frame.planes[i].data[std::ptrdiff_t{y} * frame.planes[i].stride + x]) *
               1099511628211u;
  }
  return hash;
}

/// Every frame of `units`. Errors of single units are counted in `errors` where it is given.
inline std::vector<media::Frame> decode_units(const media::StreamInfo& stream,
                                              const std::vector<media::AccessUnit>& units,
                                              const DecoderOptions& options = {},
                                              int* errors = nullptr) {
  std::vector<media::Frame> frames;
  auto decoder = VideoDecoder::create(stream, options);
  EXPECT_TRUE(decoder) << decoder.error().message();
  if (!decoder) return frames;
  const auto note = [&](const Error& error) {
    if (errors != nullptr) {
      ++*errors;
    } else {
      ADD_FAILURE() << error.message();
    }
  };
  const auto drain = [&] {
    for (;;) {
      auto frame = (*decoder)->take();
      if (!frame) note(frame.error());
      if (!frame || !*frame) return;
      frames.push_back(std::move(**frame));
    }
  };
  for (const media::AccessUnit& unit : units) {
    if (auto pushed = (*decoder)->push(unit); !pushed) note(pushed.error());
    drain();
  }
  (*decoder)->finish();
  drain();
  return frames;
}

/// The video of a file, decoded.
inline std::vector<media::Frame> decode_file(const std::string& path) {
  auto demuxer = open_input(path);
  if (!demuxer) return {};
  const media::StreamInfo* video = find_video(demuxer->info());
  EXPECT_NE(video, nullptr) << path;
  if (video == nullptr) return {};
  const media::StreamInfo stream = *video;
  return decode_units(stream, read_units(*demuxer, stream.index));
}

inline std::vector<uint64_t> hashes(const std::vector<media::Frame>& frames) {
  std::vector<uint64_t> out;
  out.reserve(frames.size());
  for (const media::Frame& frame : frames) out.push_back(hash_pixels(frame));
  return out;
}

}  // namespace pasu::av
