// The parts of a check. Each looks at one thing and leaves remarks.
#pragma once

#include <string>

#include "train/pipeline/check.h"

namespace pasu::pipeline::detail {

/// Collects remarks, with the place of the field that each is about.
class Remarks {
 public:
  Remarks(const Config& config, Report& report) : config_(config), report_(report) {}

  /// `field` as "a.b.c"; where it is not set, the place is that of the nearest block around it.
  void add(Level level, const std::string& field, std::string what);
  void add_at(Level level, const std::string& field, Place place, std::string what);
  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] Report& report() { return report_; }

 private:
  const Config& config_;
  Report& report_;
};

/// "model.ssd", "model.faster_rcnn" or "model.pasu_person"; empty where there is none that is
/// known.
[[nodiscard]] std::string model_path(const Config& config);

/// A path of the configuration, as it is or beside the configuration. A remark and an empty string
/// where it is a placeholder or lies where pasu does not read.
[[nodiscard]] std::string local_path(const std::string& path, const std::string& field,
                                     Remarks& remarks);

void check_honoured(Remarks& remarks);
void check_model(Remarks& remarks);
void check_schedule(Remarks& remarks);
void check_checkpoint(Remarks& remarks);
void check_inputs(Remarks& remarks, const CheckOptions& options, const std::atomic<bool>& stop);
void check_memory(Remarks& remarks, uint64_t available);

}  // namespace pasu::pipeline::detail
