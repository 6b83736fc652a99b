// The readers of a streaming benchmark: real clients that look at what they get, and keep nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "job/detail/bench_clip.h"
#include "job/detail/bench_publishers.h"
#include "net/client.h"

namespace pasu::job {

/// What all readers have seen so far.
struct ReaderTotals {
  int playing = 0, failed = 0;
  std::string first_failure;
  uint64_t pictures = 0, lost = 0;
  std::vector<float> first_picture_ms;
  std::vector<float> latency_ms;  ///< Every kLatencyEvery-th picture of a reader.
};

/// All on one thread of their own. `clip` and `publishers` outlive this.
class BenchReaders {
 public:
  static constexpr int kLatencyEvery = 8;
  static constexpr size_t kLatenciesMax = 1u << 20;

  /// `publishers` may be null: latency is not known then.
  BenchReaders(const BenchClip& clip, const BenchPublishers* publishers, net::PullOptions options);
  ~BenchReaders();

  /// One more reader of that publisher's stream. Errors: those of net::pull.
  [[nodiscard]] Result<void> add(const std::string& url, size_t publisher);
  [[nodiscard]] size_t size() const { return readers_.size(); }
  /// `forget`: pictures and latencies count from here on.
  [[nodiscard]] ReaderTotals totals(bool forget = false);

 private:
  struct Reader;
  void on_unit(Reader& reader, const media::AccessUnit& unit);

  const BenchClip& clip_;
  const BenchPublishers* const publishers_;
  const net::PullOptions options_;
  net::IoThread thread_;
  // Of the thread:
  ReaderTotals totals_;
  std::vector<std::unique_ptr<Reader>> readers_;
};

}  // namespace pasu::job
