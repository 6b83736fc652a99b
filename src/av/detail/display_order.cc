#include "av/detail/display_order.h"

#include <algorithm>

namespace pasu::av {

Result<DisplayOrder> DisplayOrder::create(const media::StreamInfo& stream) {
  const ParametersPtr parameters = TRY(to_parameters(stream));
  if (parameters->codec_id != AV_CODEC_ID_H264 && parameters->codec_id != AV_CODEC_ID_HEVC &&
      parameters->codec_id != AV_CODEC_ID_MPEG4)
    return fail(Errc::unsupported, "no order of showing is known for {}", stream.codec_name);
  Parser parser(av_parser_init(parameters->codec_id));
  CodecContextPtr context(avcodec_alloc_context3(nullptr));
  if (!parser || !context || avcodec_parameters_to_context(context.get(), parameters.get()) < 0)
    return fail(Errc::internal, "no parser for {} in this FFmpeg", stream.codec_name);
  parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
  return DisplayOrder(std::move(parser), std::move(context));
}

int64_t DisplayOrder::picture_order(const media::AccessUnit& unit) {
  uint8_t* out = nullptr;
  int out_size = 0;
  (void)av_parser_parse2(parser_.get(), context_.get(), &out, &out_size, unit.data.data(),
                         static_cast<int>(unit.data.size()), AV_NOPTS_VALUE, AV_NOPTS_VALUE, -1);
  if (context_->codec_id == AV_CODEC_ID_MPEG4)
    return order_by_type(parser_->pict_type == AV_PICTURE_TYPE_B);
  return parser_->output_picture_number;
}

// The n-th anchor is n * kApart; the B pictures decoded after it lie between the one before and it.
int64_t DisplayOrder::order_by_type(bool is_b) {
  constexpr int64_t kApart = 1'000'000;
  if (is_b && anchors_ > 0) return (anchors_ - 1) * kApart + ++b_pictures_ % kApart;
  b_pictures_ = 0;
  return ++anchors_ * kApart;
}

void DisplayOrder::push(media::AccessUnit unit) {
  const int64_t order = picture_order(unit);
  // An IDR picture's count is 0 and begins a sequence; a key picture inside one (open GOP) follows
  // every picture decoded before it in showing order too.
  if (unit.key && order <= highest_order_) {
    ++sequence_;
    highest_order_ = order;
  }
  highest_order_ = std::max(highest_order_, order);
  const int64_t number = first_number_ + static_cast<int64_t>(units_.size());
  unplaced_.emplace(Place{sequence_, order, number}, number);
  times_.push_back(unit.dts);
  units_.push_back({std::move(unit), false});
  if (unplaced_.size() > kReorderMax) place_first();
}

void DisplayOrder::finish() {
  while (!unplaced_.empty()) place_first();
}

void DisplayOrder::place_first() {
  const auto first = unplaced_.begin();
  Waiting& waiting = units_[static_cast<size_t>(first->second - first_number_)];
  waiting.unit.pts = times_.front();
  waiting.placed = true;
  times_.pop_front();
  unplaced_.erase(first);
}

std::optional<media::AccessUnit> DisplayOrder::take() {
  if (units_.empty() || !units_.front().placed) return std::nullopt;
  media::AccessUnit unit = std::move(units_.front().unit);
  units_.pop_front();
  ++first_number_;
  return unit;
}

}  // namespace pasu::av
