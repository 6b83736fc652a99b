#include "bits/configuration_record.h"

namespace pasu::bits {
namespace {

// Walks a record; the first read past its end sticks and gives zeros.
class Walk {
 public:
  Walk(ByteView record, const char* name) : record_(record), name_(name) {}

  size_t number(size_t bytes) {
    size_t value = 0;
    for (const uint8_t byte : take(bytes)) value = value << 8 | byte;
    return value;
  }
  void skip(size_t bytes) { take(bytes); }

  // A 16-bit length and that many bytes; empty units are left out.
  void unit(std::vector<NalUnit>& units) {
    const ByteView bytes = take(number(2));
    if (!bytes.empty()) units.push_back({bytes, position_ - bytes.size()});
  }

  [[nodiscard]] bool ok() const { return !past_end_; }
  [[nodiscard]] Result<void> status() const {
    if (ok()) return {};
    return fail(Errc::truncated, "{} ends early: {} bytes, where more are announced at byte {}",
                name_, record_.size(), position_);
  }

 private:
  ByteView take(size_t bytes) {
    if (past_end_ || bytes > record_.size() - position_) {
      past_end_ = true;
      return {};
    }
    position_ += bytes;
    return record_.subspan(position_ - bytes, bytes);
  }

  ByteView record_;
  const char* name_;
  size_t position_ = 0;
  bool past_end_ = false;
};

Result<int> length_size(size_t minus1, const char* name) {
  if (minus1 == 2) return fail(Errc::malformed, "{}: NAL lengths of 3 bytes do not exist", name);
  return static_cast<int>(minus1) + 1;
}

}  // namespace

Result<ConfigurationRecord> parse_avcc(ByteView bytes) {
  Walk walk(bytes, "avcC");
  ConfigurationRecord record;
  const size_t version = walk.number(1);
  if (walk.ok() && version != 1) return fail(Errc::malformed, "avcC: version {}, not 1", version);
  walk.skip(3);  // AVCProfileIndication, profile_compatibility, AVCLevelIndication
  record.length_size = TRY(length_size(walk.number(1) & 3, "avcC"));
  const size_t sps_count = walk.number(1) & 0x1f;
  for (size_t i = 0; i < sps_count && walk.ok(); ++i) walk.unit(record.units);
  const size_t pps_count = walk.number(1);
  for (size_t i = 0; i < pps_count && walk.ok(); ++i) walk.unit(record.units);
  TRY(walk.status());
  return record;
}

Result<ConfigurationRecord> parse_hvcc(ByteView bytes) {
  Walk walk(bytes, "hvcC");
  ConfigurationRecord record;
  walk.skip(21);  // configurationVersion to avgFrameRate
  record.length_size = TRY(length_size(walk.number(1) & 3, "hvcC"));
  const size_t arrays = walk.number(1);
  for (size_t i = 0; i < arrays && walk.ok(); ++i) {
    walk.skip(1);  // array_completeness, NAL_unit_type
    const size_t count = walk.number(2);
    for (size_t n = 0; n < count && walk.ok(); ++n) walk.unit(record.units);
  }
  TRY(walk.status());
  return record;
}

}  // namespace pasu::bits
