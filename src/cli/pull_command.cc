// pasu pull URL -o FILE: a live stream into a file, as it comes.
#include <cstdio>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/transport_option.h"
#include "job/pull.h"

namespace pasu::cli {
namespace {

Result<int> pull(const job::PullPlan& plan) {
  net::IoThread thread;
  job::Progress progress(Terminal::of_stderr().interactive);
  const auto outcome = TRY(job::pull(plan, thread, progress, stop_requested()));
  std::string line =
      fmt::format("{}: {} frames, {} s, by {}", plan.output, outcome.frames,
                  seconds_text(outcome.length), net::to_string(outcome.stats.transport));
  if (outcome.stats.lost > 0) line += fmt::format(", {} packets lost", outcome.stats.lost);
  std::fprintf(stderr, "%s\n", line.c_str());
  return outcome.cut ? report(*outcome.cut) : kDone;
}

constexpr const char* kFooter =
    R"(Nothing is encoded again. The extension says the container: .mp4, .mkv, .flv or .ts.

  pasu pull rtsp://user:password@camera/stream -o gate.mp4 --duration 60
  pasu pull rtmp://server/gate -o gate.flv            until Ctrl-C
  pasu pull rtsps://server/gate -o gate.mkv --insecure)";

}  // namespace

void add_pull(CLI::App& app, int& exit_code) {
  auto plan = std::make_shared<job::PullPlan>();
  auto seconds = std::make_shared<double>(0);
  CLI::App* command = app.add_subcommand("pull", "Record an RTSP or RTMP stream as it comes");
  command->add_option("URL", plan->url, "rtsp://, rtsps://, rtmp:// or rtmps://")->required();
  command->add_option("-o", plan->output, "The file")->type_name("FILE")->required();
  command->add_option("--duration", *seconds, "Seconds to record (until the stream ends)")
      ->type_name("S")
      ->check(CLI::Range(0.1, 1e7));
  add_transport(*command, plan->options);
  command->footer(kFooter);
  command->callback([plan, seconds, &exit_code] {
    if (*seconds > 0) plan->duration = media::Pts(static_cast<int64_t>(*seconds * 1e9));
    const auto result = pull(*plan);
    exit_code = result ? *result : report(result.error());
  });
}

}  // namespace pasu::cli
