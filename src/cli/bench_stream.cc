// pasu bench stream: what a streaming server costs a reader, pasu's beside other people's.
#include <cstdio>
#include <filesystem>
#include <memory>

#include <nlohmann/json.hpp>

#include "cli/bench_command.h"
#include "cli/command.h"
#include "cli/output.h"
#include "job/stream_bench.h"

namespace pasu::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kDefaultClip = "bench/media/720p25.mp4";

constexpr const char* kFooter = R"(Examples:
  pasu bench stream                        pasu, nginx-rtmp and gst-rtsp-server side by side
  pasu bench stream --scale 0.1            the same with a tenth of the readers
  pasu bench stream --url rtsp://127.0.0.1:8554/gate --publishers 1 --readers 200 --pid 4711
  pasu bench stream --url rtmp://127.0.0.1/live/bench% --publishers 100 --readers 100 --pid 4711

With --url one server that runs already is loaded: real clients read, and look at every picture that
comes; publishers (none unless asked for) push the clip in real time, each to its own stream, whose
number stands for % in the URL. Then CPU-ms per reader-second is what the process --pid and its
children used, divided by the readers; lost counts pictures of the clip that a reader did not get;
first picture is what a hundred further readers waited, one by one, while all others played; latency
runs from our publisher to our reader. docs/ref/bench.md has figures measured with this command.)";

struct Arguments {
  job::StreamLoad load;
  std::string transport = "tcp";
  double scale = 1;
  bool json = false;
};

ordered_json to_json(const job::Percentiles& p) {
  if (p.count == 0) return nullptr;
  return {{"count", p.count}, {"p50", p.p50}, {"p99", p.p99}};
}

ordered_json to_json(const job::StreamCost& cost) {
  return {{"cpu_ms_per_reader_second", cost.cpu_ms_per_reader_second},
          {"rss_mb", cost.rss_mb},
          {"readers", cost.readers},
          {"failed", cost.failed},
          {"first_failure", cost.first_failure},
          {"pictures", cost.pictures},
          {"lost", cost.lost},
          {"first_picture_ms", to_json(cost.first_picture_ms)},
          {"latency_ms", to_json(cost.latency_ms)},
          {"seconds", cost.seconds},
          {"generator_cpu_ms_per_reader_second", cost.generator_cpu_ms_per_reader_second}};
}

std::string pair(const job::Percentiles& p) {
  return p.count == 0 ? "-" : fmt::format("{:.1f}, {:.1f}", p.p50, p.p99);
}

std::string head() {
  return fmt::format("{:<27} {:<16} {:>7} {:>12} {:>8} {:>7} {:>7} {:>17} {:>15} {:>7}\n", "load",
                     "server", "readers", "CPU-ms/rd-s", "RSS MB", "lost", "failed",
                     "first p50,p99 ms", "lat. p50,p99 ms", "ratio");
}

std::string line(const job::StreamLine& l, double ours) {
  const auto& c = l.cost;
  const std::string ratio =
      ours > 0 ? fmt::format("{:.2f}", c.cpu_ms_per_reader_second / ours) : "-";
  return fmt::format("{:<27} {:<16} {:>7} {:>12.3f} {:>8.1f} {:>7} {:>7} {:>17} {:>15} {:>7}\n",
                     l.load, l.server, l.readers, c.cpu_ms_per_reader_second, c.rss_mb, c.lost,
                     c.failed, pair(c.first_picture_ms), pair(c.latency_ms), ratio);
}

Result<void> find_clip(std::string& clip) {
  if (!clip.empty()) return {};
  clip = kDefaultClip;
  std::error_code error;
  if (std::filesystem::is_regular_file(clip, error)) return {};
  return fail(Errc::not_found, "{} is not there; bench/stream_clip.sh {} makes it (or give --clip)",
              clip, clip);
}

Result<void> one(Arguments& arguments) {
  arguments.load.transport =
      arguments.transport == "udp" ? net::ClientTransport::udp : net::ClientTransport::tcp;
  const auto cost = TRY(job::bench_stream(arguments.load, stop_requested()));
  if (arguments.json) {
    print(to_json(cost).dump(2) + "\n");
  } else {
    print(head());
    print(line({"-", arguments.transport, arguments.load.readers, cost}, 0));
    print(fmt::format("measured for {:.1f} s; this side used {:.3f} CPU-ms per reader-second\n",
                      cost.seconds, cost.generator_cpu_ms_per_reader_second));
  }
  if (!cost.first_failure.empty())
    std::fprintf(stderr, "pasu: the first reader that failed: %s\n", cost.first_failure.c_str());
  return {};
}

Result<void> all(const Arguments& arguments) {
  ordered_json out;
  out["lines"] = ordered_json::array();
  double ours = 0;
  const auto on_line = [&](const job::StreamLine& l) {
    if (l.server == "pasu") ours = l.cost.cpu_ms_per_reader_second;
    ordered_json object = {{"server", l.server}, {"load", l.load}, {"readers_wanted", l.readers}};
    object.update(to_json(l.cost));
    out["lines"].push_back(std::move(object));
    if (!arguments.json) print(line(l, ours));
    if (!l.cost.first_failure.empty())
      std::fprintf(stderr, "pasu: %s: the first reader that failed: %s\n", l.server.c_str(),
                   l.cost.first_failure.c_str());
  };
  const auto on_missing = [](const std::string& what) {
    std::fprintf(stderr, "pasu: left out: %s\n", what.c_str());
  };
  if (!arguments.json) print(head());
  TRY(job::compare_servers(
      {.clip = arguments.load.clip, .scale = arguments.scale, .seconds = arguments.load.seconds},
      on_line, on_missing, stop_requested()));
  if (arguments.json) print(out.dump(2) + "\n");
  return {};
}

Result<void> run(Arguments& arguments) {
  TRY(find_clip(arguments.load.clip));
  if (arguments.load.url.empty()) return all(arguments);
  if (arguments.load.readers < 1) return fail(Errc::invalid_argument, "--url needs --readers N");
  return one(arguments);
}

}  // namespace

void add_bench_stream(CLI::App& bench, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  job::StreamLoad& load = arguments->load;
  load.publishers = 0;
  CLI::App* command =
      bench.add_subcommand("stream", "What a streaming server costs: pasu's and others'");
  command->add_option("--url", load.url, "Load this server instead of comparing")->type_name("URL");
  command->add_option("--readers", load.readers, "With --url: how many read")
      ->check(CLI::Range(1, 20000));
  command->add_option("--publishers", load.publishers, "With --url: how many push the clip")
      ->check(CLI::Range(0, 2000));
  command
      ->add_option("--streams", load.streams,
                   "With --url, without --publishers: how many streams % stands for")
      ->check(CLI::Range(1, 2000));
  command->add_option("--pid", load.server, "With --url: the server's process")->type_name("PID");
  command->add_option("--transport", arguments->transport, "With --url, of RTSP: tcp or udp")
      ->check(CLI::IsMember({"tcp", "udp"}));
  command->add_option("--newcomers", load.newcomers, "Readers that come one by one")
      ->capture_default_str()
      ->check(CLI::Range(0, 10000));
  command->add_option("--seconds", load.seconds, "How long each load is measured")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 86400.0));
  command->add_option("--scale", arguments->scale, "Without --url: part of the readers")
      ->capture_default_str()
      ->check(CLI::Range(0.001, 20.0));
  command->add_option("--clip", load.clip, fmt::format("What is sent ({})", kDefaultClip))
      ->type_name("FILE");
  command->add_flag("--json", arguments->json, "One JSON object instead of a table");
  command->footer(kFooter);
  command->callback([arguments, &exit_code] {
    const auto done = run(*arguments);
    exit_code = finish_output(done ? kDone : report(done.error()));
  });
}

}  // namespace pasu::cli
