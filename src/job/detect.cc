#include "job/detect.h"

#include "job/detail/runs.h"

namespace pasu::job {

void run(std::span<const Task> tasks, const Session& session,
         const std::function<void(const Outcome&)>& on_outcome) {
  bool fatal = false;
  const auto tell = [&](const Outcome& outcome) {
    session.progress.clear();
    on_outcome(outcome);
    fatal |= outcome.fatal;
    return !fatal;
  };
  while (!tasks.empty() && !fatal && !session.stop) {
    size_t row = 0;
    while (row < tasks.size() && tasks[row].kind == Task::Kind::picture) ++row;
    if (row > 0)
      detail::detect_pictures(tasks.first(row), session, tell);
    else
      tell(detail::detect_video(tasks[row++], session));
    tasks = tasks.subspan(row);
  }
}

}  // namespace pasu::job
