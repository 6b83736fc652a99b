#include "base/metrics.h"

#include <mutex>
#include <tuple>
#include <unordered_map>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace pasu::metrics {

void Counter::add(double by) const {
  if (counter_) counter_->Increment(by);
}
double Counter::value() const { return counter_ ? counter_->Value() : 0; }
void Gauge::set(double value) const {
  if (gauge_) gauge_->Set(value);
}
void Gauge::add(double by) const {
  if (gauge_) gauge_->Increment(by);
}
double Gauge::value() const { return gauge_ ? gauge_->Value() : 0; }
void Histogram::observe(double value) const {
  if (histogram_) histogram_->Observe(value);
}

struct Registry::State {
  prometheus::Registry registry{prometheus::Registry::InsertBehavior::Merge};
  std::mutex mutex;
  std::unordered_map<const void*, size_t> holders;  // By the metric's address.

  // The metric `labels` of `family`, and what keeps it there.
  template <class T, class... Args>
  static std::pair<T*, std::shared_ptr<const void>> hold(const std::shared_ptr<State>& state,
                                                         prometheus::Family<T>& family,
                                                         const Labels& labels,
                                                         const Args&... args) {
    std::lock_guard lock(state->mutex);
    T* metric = &family.Add(labels, args...);
    ++state->holders[metric];
    return {metric, {metric, [state, &family](T* held) {
                       std::lock_guard leaving(state->mutex);
                       const auto at = state->holders.find(held);
                       if (--at->second > 0) return;
                       state->holders.erase(at);
                       family.Remove(held);
                     }}};
  }
};

Registry::Registry() : state_(std::make_shared<State>()) {}

Counter Registry::counter(const std::string& name, const std::string& help, const Labels& labels) {
  Counter made;
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry);
  std::tie(made.counter_, made.hold_) = State::hold(state_, family, labels);
  return made;
}

Gauge Registry::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  Gauge made;
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry);
  std::tie(made.gauge_, made.hold_) = State::hold(state_, family, labels);
  return made;
}

Histogram Registry::histogram(const std::string& name, const std::string& help,
                              const Labels& labels, const std::vector<double>& bounds) {
  Histogram made;
  auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry);
  std::tie(made.histogram_, made.hold_) = State::hold(state_, family, labels, bounds);
  return made;
}

std::string Registry::text() const {
  auto families = state_->registry.Collect();
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
  return prometheus::TextSerializer().Serialize(families);
}

Registry& registry() {
  static Registry instance;
  return instance;
}

const std::vector<double>& latency_bounds() {
  static const std::vector<double> bounds{.0005, .001, .002, .005, .01, .02, .05,
                                          .1,    .2,   .5,   1,    2,   5};
  return bounds;
}

}  // namespace pasu::metrics
