#include "cli/picture_walk.h"

#include <fmt/format.h>

#include "cli/command.h"

namespace pasu::cli {

Result<PictureWalk> PictureWalk::create(const std::string& input, const media::StreamInfo& stream) {
  auto reader = bits::PictureReader::create(stream);
  if (!reader) return tl::unexpected<Error>(std::move(reader).error().with(input));
  return PictureWalk(input, std::move(*reader));
}

std::optional<WalkedFrame> PictureWalk::push(const media::AccessUnit& unit) {
  const auto picture = reader_.read(unit.data);
  if (!reader_.damage().empty()) tell_damage(unit);
  ++units_;
  if (!picture) return std::nullopt;
  if (picture->second_field && waiting_) {
    waiting_->picture.bytes += picture->bytes;
    return std::nullopt;
  }
  return std::exchange(waiting_, WalkedFrame{*picture, unit.pts, unit.dts, unit.position});
}

void PictureWalk::tell_damage(const media::AccessUnit& unit) {
  ++damaged_units_;
  for (const bits::Damage& damage : reader_.damage()) {
    // Two numbers: containers such as MPEG-TS put headers of their own between a unit's bytes.
    const std::string place = unit.position >= 0
                                  ? fmt::format("byte {} + {}", unit.position, damage.offset)
                                  : fmt::format("access unit {}, byte {}", units_, damage.offset);
    report(damage.error.with(place).with(input_));
  }
}

}  // namespace pasu::cli
