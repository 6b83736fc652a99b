// How one video, or a row of pictures, is gone through.
#pragma once

#include "job/detect.h"

namespace pasu::job::detail {

[[nodiscard]] Outcome detect_video(const Task& task, const Session& session);

void detect_pictures(std::span<const Task> tasks, const Session& session,
                     const std::function<bool(const Outcome&)>& on_outcome);

}  // namespace pasu::job::detail
