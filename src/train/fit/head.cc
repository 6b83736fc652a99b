#include "train/fit/head.h"

#include "train/fit/detail/heads.h"

namespace pasu::train {

Graph graph_of(const Settings& settings) {
  return settings.ssd ? ssd::graph_of(*settings.ssd) : pasu_person(settings.model);
}

std::unique_ptr<Head> head_of(const Settings& settings) {
  return settings.ssd ? detail::ssd_head(*settings.ssd)
                      : detail::person_head(settings.loss, graph_of(settings));
}

}  // namespace pasu::train
