#include "job/detail/bench_clip.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "job/detail/push_feed.h"

namespace pasu::job {

size_t BenchClip::print_of(ByteView data) {
  const ByteView tail = data.last(std::min(data.size(), kTail));
  return std::hash<std::string_view>()(
      {reinterpret_cast<const char*>(tail.data()), tail.size()});  // NOLINT
}

Result<BenchClip> BenchClip::load(const std::string& path, const std::atomic<bool>& stop) {
  PushPlan plan;
  plan.input = path;
  const auto feed = TRY(PushFeed::open(plan, stop));
  if (!feed->has_video()) return fail(Errc::unsupported, "{}: no pictures in it", path);
  BenchClip out;
  out.path_ = path;
  for (;;) {
    const auto unit = TRY(feed->next());
    if (!unit) break;
    if (unit->stream != 0) continue;
    const auto [at, fresh] = out.numbers_.try_emplace(print_of(unit->data), out.count_);
    if (!fresh) at->second = kTwice;
    ++out.count_;
  }
  return out;
}

std::optional<size_t> BenchClip::number(ByteView data) const {
  const auto at = numbers_.find(print_of(data));
  if (at == numbers_.end() || at->second == kTwice) return std::nullopt;
  return at->second;
}

}  // namespace pasu::job
