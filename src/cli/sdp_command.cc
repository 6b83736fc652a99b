// pasu sdp IN: how a file or stream would be described over RTSP.
#include <filesystem>

#include "av/demuxer.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/transport_option.h"
#include "net/describe_stream.h"
#include "net/pull_reader.h"

namespace pasu::cli {
namespace {

struct SdpOptions {
  std::string input;
  net::PullOptions pull;
};

Result<hub::Tracks> tracks_of(const SdpOptions& options) {
  if (net::is_stream_url(options.input)) {
    net::IoThread thread;
    const auto reader =
        TRY(net::PullReader::open(thread, options.input, options.pull, stop_requested()));
    return reader->tracks();
  }
  const auto demuxer = TRY(av::Demuxer::open(options.input, {.stop = &stop_requested()}));
  return demuxer->info().streams;
}

Result<int> sdp(const SdpOptions& options) {
  const std::string name = net::is_stream_url(options.input)
                               ? log::hide_credentials(options.input)
                               : std::filesystem::path(options.input).filename().string();
  const auto tracks = TRY(tracks_of(options));
  print(TRY(with_context(net::describe_stream(name, tracks), name)));
  return finish_output(kDone);
}

constexpr const char* kFooter =
    R"(What a player would be told by RTSP: codecs, clock rates, parameter sets. Tracks that RTP cannot carry are
left out.

  pasu sdp clip.mp4
  pasu sdp sound.m4a
  pasu sdp rtsp://user:password@camera/stream)";

}  // namespace

void add_sdp(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<SdpOptions>();
  CLI::App* command =
      app.add_subcommand("sdp", "Describe a file or stream as RTSP would: its SDP (RFC 8866)");
  command->add_option("IN", options->input, "Video or sound file, or stream URL")->required();
  add_transport(*command, options->pull);
  command->footer(kFooter);
  command->callback([options, &exit_code] {
    const auto result = sdp(*options);
    exit_code = result ? *result : report(result.error());
  });
}

}  // namespace pasu::cli
