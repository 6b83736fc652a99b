// Presentation times for streams with B pictures whose container has none.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "av/detail/ffmpeg.h"
#include "media/access_unit.h"

namespace pasu::av {

/// Raw Annex B files and AVI know only decoding order. This takes the units in that order, each
/// with its decoding time, and gives the n-th shown picture the n-th time. Which is shown before
/// which say H.264's and H.265's picture order counts, anew from each IDR picture on; in MPEG-4, B
/// pictures are shown before the last other picture.
///
/// A picture waits for kReorderMax later ones before its place is certain: no stream may reorder
/// more (H.264 A.3.1, H.265 A.4.2: the decoded picture buffer holds 16).
class DisplayOrder {
 public:
  static constexpr size_t kReorderMax = 16;

  /// Errors: unsupported (none of H.264, H.265 and MPEG-4), internal.
  [[nodiscard]] static Result<DisplayOrder> create(const media::StreamInfo& stream);

  void push(media::AccessUnit unit);
  /// No more units: the waiting ones come out.
  void finish();
  /// The next unit in decoding order with its pts set; nothing until more is pushed.
  [[nodiscard]] std::optional<media::AccessUnit> take();

 private:
  struct ParserClose {
    void operator()(AVCodecParserContext* parser) const { av_parser_close(parser); }
  };
  using Parser = std::unique_ptr<AVCodecParserContext, ParserClose>;
  struct Waiting {
    media::AccessUnit unit;
    bool placed = false;
  };
  // (coded sequence, picture order count, decoding number): the last makes broken counts unique.
  using Place = std::tuple<int64_t, int64_t, int64_t>;

  DisplayOrder(Parser parser, CodecContextPtr context)
      : parser_(std::move(parser)), context_(std::move(context)) {}
  int64_t picture_order(const media::AccessUnit& unit);
  int64_t order_by_type(bool is_b);
  void place_first();

  Parser parser_;
  CodecContextPtr context_;
  std::deque<Waiting> units_;  // In decoding order.
  int64_t first_number_ = 0;   // Decoding number of units_.front().
  std::map<Place, int64_t> unplaced_;
  std::deque<media::Pts> times_;  // Not yet given to a picture.
  int64_t sequence_ = 0;
  int64_t anchors_ = 0;                // MPEG-4: pictures other than B so far.
  int64_t b_pictures_ = 0;             // MPEG-4: since the last of those.
  int64_t highest_order_ = INT64_MIN;  // In this coded sequence.
};

}  // namespace pasu::av
