#include "base/metrics.h"

#include <prometheus/counter.h>
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

Registry::Registry()
    : registry_(
          std::make_shared<prometheus::Registry>(prometheus::Registry::InsertBehavior::Merge)) {}
Registry::~Registry() = default;

Counter Registry::counter(const std::string& name, const std::string& help, const Labels& labels) {
  Counter made;
  made.keep_ = registry_;
  made.counter_ =
      &prometheus::BuildCounter().Name(name).Help(help).Register(*registry_).Add(labels);
  return made;
}

Gauge Registry::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  Gauge made;
  made.keep_ = registry_;
  made.gauge_ = &prometheus::BuildGauge().Name(name).Help(help).Register(*registry_).Add(labels);
  return made;
}

Histogram Registry::histogram(const std::string& name, const std::string& help,
                              const Labels& labels, const std::vector<double>& bounds) {
  Histogram made;
  made.keep_ = registry_;
  made.histogram_ =
      &prometheus::BuildHistogram().Name(name).Help(help).Register(*registry_).Add(labels, bounds);
  return made;
}

std::string Registry::text() const {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
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
