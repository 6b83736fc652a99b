#include "train/eval/detail/plain_entry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace pasu::eval::detail {
namespace {

// 10^22 is the greatest power of ten that a double holds exactly: below 2^53, digits times or
// divided by such a power are rounded once, and so are the nearest double.
constexpr std::array kPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr uint64_t kExactMax = uint64_t{1} << 53;
constexpr int kDigitsMax = 18;  // That fit 64 bits.

class Scanner {
 public:
  explicit Scanner(std::string_view text)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  [[nodiscard]] size_t offset() const { return static_cast<size_t>(at_ - begin_); }

  bool take(char c) {
    space();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  bool take(std::string_view word) {
    if (static_cast<size_t>(end_ - at_) < word.size() || std::string_view(at_, word.size()) != word)
      return false;
    at_ += word.size();
    return true;
  }

  bool number(double& out) {
    space();
    const char* const first = at_;
    const bool negative = at_ != end_ && *at_ == '-';
    if (negative) ++at_;
    uint64_t digits = 0;
    const char* const whole = at_;
    const int before = run(digits);
    if (before == 0 || (before > 1 && *whole == '0')) return false;
    int after = 0;
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      after = run(digits);
      if (after == 0) return false;
    }
    const bool exponent = at_ != end_ && (*at_ == 'e' || *at_ == 'E');
    if (!exponent && before + after <= kDigitsMax && digits <= kExactMax &&
        static_cast<size_t>(after) < kPowers.size()) {
      const double value = static_cast<double>(digits) / kPowers[static_cast<size_t>(after)];
      out = negative ? -value : value;
      return true;
    }
    if (exponent && !skip_exponent()) return false;
    const auto [stop, code] = std::from_chars(first, at_, out);
    return code == std::errc() && stop == at_ && std::isfinite(out);
  }

  bool id(int64_t& out) {
    space();
    const char* const first = at_;
    if (at_ != end_ && *at_ == '-') ++at_;
    const char* const whole = at_;
    uint64_t digits = 0;
    const int count = run(digits);
    if (count == 0 || count > kDigitsMax || (count > 1 && *whole == '0')) return false;
    if (at_ != end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E')) return false;
    out = *first == '-' ? -static_cast<int64_t>(digits) : static_cast<int64_t>(digits);
    return true;
  }

  bool box(data::Box& out) {
    return take('[') && number(out.x) && take(',') && number(out.y) && take(',') && number(out.w) &&
           take(',') && number(out.h) && take(']');
  }

 private:
  void space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  // Appends to `digits`, which overflows beyond kDigitsMax; how many.
  int run(uint64_t& digits) {
    const char* const first = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9')
      digits = digits * 10 + static_cast<uint64_t>(*at_++ - '0');
    constexpr ptrdiff_t kMost = 1000;
    return static_cast<int>(std::min(at_ - first, kMost));
  }

  bool skip_exponent() {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    uint64_t ignored = 0;
    return run(ignored) > 0;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
};

}  // namespace

size_t read_plain_entry(std::string_view text, PlainEntry& out) {
  Scanner scanner(text);
  enum Key : unsigned {
    has_none = 0,
    has_picture = 1,
    has_category = 2,
    has_box = 4,
    has_score = 8,
    has_all = 15
  };
  unsigned seen = 0;
  if (!scanner.take('{')) return 0;
  do {
    if (!scanner.take('"')) return 0;
    Key key = has_none;
    if (scanner.take("image_id\""))
      key = scanner.take(':') && scanner.id(out.picture) ? has_picture : has_none;
    else if (scanner.take("category_id\""))
      key = scanner.take(':') && scanner.id(out.category) ? has_category : has_none;
    else if (scanner.take("bbox\""))
      key = scanner.take(':') && scanner.box(out.box) ? has_box : has_none;
    else if (scanner.take("score\""))
      key = scanner.take(':') && scanner.number(out.score) ? has_score : has_none;
    if (key == has_none || (seen & key) != 0) return 0;
    seen |= key;
  } while (scanner.take(','));
  return seen == has_all && scanner.take('}') ? scanner.offset() : 0;
}

}  // namespace pasu::eval::detail
