// Counters, gauges and histograms, and their Prometheus text.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace pasu::metrics {

using Labels = std::map<std::string, std::string>;

/// Only grows. Thread-safe, never blocks. Copies are the same counter; it is shown as long as one
/// of them lives, and may outlive its registry.
class Counter {
 public:
  void add(double by = 1) const;
  [[nodiscard]] double value() const;

 private:
  friend class Registry;
  std::shared_ptr<const void> hold_;
  prometheus::Counter* counter_ = nullptr;
};

/// Goes up and down. Thread-safe.
class Gauge {
 public:
  void set(double value) const;
  void add(double by) const;
  [[nodiscard]] double value() const;

 private:
  friend class Registry;
  std::shared_ptr<const void> hold_;
  prometheus::Gauge* gauge_ = nullptr;
};

/// How values spread. Thread-safe; takes a short lock.
class Histogram {
 public:
  void observe(double value) const;

 private:
  friend class Registry;
  std::shared_ptr<const void> hold_;
  prometheus::Histogram* histogram_ = nullptr;
};

/// Names follow `pasu_<room>_<what>_total` for counters; asking twice with the same labels gives
/// the same metric. A metric leaves with its last copy: a removed camera's are no longer shown, and
/// whoever counts keeps a copy. A default-constructed one ignores what it is told. Thread-safe.
class Registry {
 public:
  Registry();
  [[nodiscard]] Counter counter(const std::string& name, const std::string& help,
                                const Labels& labels = {});
  [[nodiscard]] Gauge gauge(const std::string& name, const std::string& help,
                            const Labels& labels = {});
  /// `bounds`: ascending upper edges.
  [[nodiscard]] Histogram histogram(const std::string& name, const std::string& help,
                                    const Labels& labels, const std::vector<double>& bounds);
  /// The Prometheus exposition format, text version 0.0.4.
  [[nodiscard]] std::string text() const;

 private:
  struct State;  // Of metrics.cc; the metrics keep it.
  std::shared_ptr<State> state_;
};

/// The program's one registry.
[[nodiscard]] Registry& registry();

/// Bounds for latencies in seconds: 0.5 ms to 5 s.
[[nodiscard]] const std::vector<double>& latency_bounds();

}  // namespace pasu::metrics
