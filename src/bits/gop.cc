#include "bits/gop.h"

#include <vector>

#include "bits/configuration_record.h"
#include "bits/detail/unit_reader.h"
#include "bits/nal.h"

namespace pasu::bits {

const char* to_string(PictureType type) {
  constexpr const char* kNames[] = {"IDR", "I", "P", "B"};
  return kNames[static_cast<size_t>(type)];
}

struct PictureReader::Impl {
  std::unique_ptr<UnitReader> units;
  int length_size = 0;  // 0: Annex B.
  std::vector<Damage> damage;
  std::optional<Error> extradata_error;

  void note(size_t offset, Error error) {
    if (damage.size() < kDamagesMax) damage.push_back({offset, std::move(error)});
  }

  [[nodiscard]] NalCursor cursor(ByteView bytes) const {
    return length_size == 0 ? NalCursor::annexb(bytes)
                            : NalCursor::length_prefixed(bytes, length_size);
  }

  // A damaged parameter set here fails nothing yet: a good one may come with the pictures.
  void take_extradata(ByteView nal) {
    if (auto taken = units->take(nal); !taken && !extradata_error) {
      extradata_error = std::move(taken).error().with("the stream's extradata");
    }
  }

  Result<void> take_record(const Result<ConfigurationRecord>& record) {
    if (!record) return tl::unexpected<Error>(record.error().with("extradata"));
    length_size = record->length_size;
    for (const NalUnit& unit : record->units) take_extradata(unit.bytes);
    return {};
  }
};

Result<PictureReader> PictureReader::create(const media::StreamInfo& stream) {
  const bool h264 = stream.codec == media::Codec::h264;
  if (!h264 && stream.codec != media::Codec::h265) {
    return fail(Errc::unsupported, "{} video: pictures are told apart in H.264 and H.265 only",
                stream.codec_name.empty() ? media::to_string(stream.codec) : stream.codec_name);
  }
  auto impl = std::make_unique<Impl>();
  impl->units = h264 ? make_h264_reader() : make_h265_reader();
  const ByteView extradata = stream.extradata;
  if (starts_with_start_code(extradata)) {
    NalCursor cursor = NalCursor::annexb(extradata);
    for (;;) {
      const auto unit = cursor.next();
      if (!unit || !*unit) break;
      impl->take_extradata((*unit)->bytes);
    }
  } else if (!extradata.empty()) {
    TRY(impl->take_record(h264 ? parse_avcc(extradata) : parse_hvcc(extradata)));
  }
  impl->units->finish();
  return PictureReader(std::move(impl));
}

PictureReader::PictureReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PictureReader::PictureReader(PictureReader&&) noexcept = default;
PictureReader& PictureReader::operator=(PictureReader&&) noexcept = default;
PictureReader::~PictureReader() = default;

Result<Picture> PictureReader::read(ByteView access_unit) {
  Impl& my = *impl_;
  my.damage.clear();
  NalCursor cursor = my.cursor(access_unit);
  for (;;) {
    const size_t from = cursor.position();
    auto unit = cursor.next();
    if (!unit) {
      my.note(from, std::move(unit).error());
      continue;
    }
    if (!*unit) break;
    if (auto taken = my.units->take((*unit)->bytes); !taken) {
      my.note((*unit)->offset, std::move(taken).error());
    }
  }
  std::optional<Picture> picture = my.units->finish();
  if (picture) {
    picture->bytes = access_unit.size();
    return *picture;
  }
  if (my.damage.empty()) {
    return fail(Errc::not_found, "no picture in these {} bytes", access_unit.size());
  }
  Error error = my.damage.front().error;
  if (my.extradata_error) error = std::move(error).with(my.extradata_error->message());
  return tl::unexpected<Error>(std::move(error));
}

std::span<const Damage> PictureReader::damage() const { return impl_->damage; }

const SequenceInfo* PictureReader::sequence() const { return impl_->units->sequence(); }

}  // namespace pasu::bits
