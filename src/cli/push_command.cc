// pasu push IN URL: a file out to an RTSP or RTMP server, in real time.
#include <cstdio>
#include <map>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/transport_option.h"
#include "job/push.h"

namespace pasu::cli {
namespace {

using job::PushTrack;

Result<int> push(const job::PushPlan& plan) {
  net::IoThread thread;
  job::Progress progress(Terminal::of_stderr().interactive);
  const auto outcome = TRY(job::push(plan, thread, progress, stop_requested()));
  std::fprintf(
      stderr, "%s\n",
      fmt::format(
          "sent {} frames{}{}", outcome.frames,
          outcome.dropped ? fmt::format(", {} units dropped", outcome.dropped) : "",
          outcome.reconnects ? fmt::format(", {} times connected again", outcome.reconnects) : "")
          .c_str());
  return stop_requested() && !plan.loop ? kInterrupted : kDone;
}

constexpr const char* kFooter =
    R"(H.264 and AAC are sent as they are, anything else is encoded to them, unless you say otherwise:

  pasu push clip.mp4 rtsp://server:8554/gate
  pasu push clip.mkv rtmp://server/gate --loop
  pasu push clip.mp4 rtsp://user:password@server/gate --video copy --audio none --transport tcp)";

}  // namespace

void add_push(CLI::App& app, int& exit_code) {
  auto plan = std::make_shared<job::PushPlan>();
  CLI::App* command =
      app.add_subcommand("push", "Send a file to an RTSP or RTMP server, in real time");
  command->add_option("IN", plan->input, "Video or sound file")->required();
  command->add_option("URL", plan->url, "rtsp://, rtsps://, rtmp:// or rtmps://")->required();
  command->add_flag("--loop", plan->loop, "Begin again at the end, until Ctrl-C");
  const std::map<std::string, PushTrack> video{
      {"h264", PushTrack::encode}, {"copy", PushTrack::copy}, {"none", PushTrack::none}};
  command->add_option("--video", plan->video, "h264, copy or none")
      ->transform(CLI::CheckedTransformer(video).description(""))
      ->type_name("HOW");
  const std::map<std::string, PushTrack> audio{
      {"aac", PushTrack::encode}, {"copy", PushTrack::copy}, {"none", PushTrack::none}};
  command->add_option("--audio", plan->audio, "aac, copy or none")
      ->transform(CLI::CheckedTransformer(audio).description(""))
      ->type_name("HOW");
  add_transport(*command, plan->options);
  command->footer(kFooter);
  command->callback([plan, &exit_code] {
    const auto result = push(*plan);
    exit_code = result ? *result : report(result.error());
  });
}

}  // namespace pasu::cli
