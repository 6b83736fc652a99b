#include "train/data/detail/decode_picture.h"

#include <algorithm>

#include "train/data/picture_decode.h"

namespace pasu::data::detail {
namespace {

/// The mean brightness of a cell of 17x16.
uint32_t mean(const media::Frame& frame, int column, int row) {
  const bool color = media::samples_per_pixel(frame.format, 0) == 3;
  const int x1 = column * frame.width / (Looks::kColumns + 1);
  const int y1 = row * frame.height / Looks::kRows;
  const int x2 = std::max(x1 + 1, (column + 1) * frame.width / (Looks::kColumns + 1));
  const int y2 = std::max(y1 + 1, (row + 1) * frame.height / Looks::kRows);
  const int step = color ? 3 : 1;
  uint64_t sum = 0;
  for (int y = y1; y < y2; ++y) {
    const uint8_t* line = frame.planes[0].data + std::ptrdiff_t{y} * frame.planes[0].stride;
    for (int x = x1 * step; x < x2 * step; ++x) sum += line[x];
  }
  const auto samples =
      static_cast<uint64_t>(x2 - x1) * static_cast<uint64_t>(y2 - y1) * static_cast<uint64_t>(step);
  return static_cast<uint32_t>(sum * 16 / samples);
}

Looks looks_of(const media::Frame& frame) {
  Looks out;
  int falls = 0;
  for (int row = 0; row < Looks::kRows; ++row) {
    uint32_t left = mean(frame, 0, row);
    for (int column = 0; column < Looks::kColumns; ++column) {
      const uint32_t right = mean(frame, column + 1, row);
      const int bit = row * Looks::kColumns + column;
      if (left > right) {
        out.bits[static_cast<size_t>(bit / 64)] |= uint64_t{1} << (bit % 64);
        ++falls;
      }
      left = right;
    }
  }
  out.told = falls >= 32 && falls <= 224;
  return out;
}

}  // namespace

Result<DecodedPicture> decode_picture(ByteView bytes) {
  const media::Frame frame = TRY(decode_frame(bytes));
  return DecodedPicture{.size = {frame.width, frame.height}, .looks = looks_of(frame)};
}

}  // namespace pasu::data::detail
