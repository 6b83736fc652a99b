// pasu serve: cameras in, page and API out, until Ctrl-C.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>

#include "api/server.h"
#include "base/log.h"
#include "base/open_files.h"
#include "base/program_pages.h"
#include "cli/command.h"
#include "node/node.h"

namespace pasu::cli {
namespace {

struct ServeOptions {
  std::string config;  // Empty: pasu.toml where it is there, else the defaults.
  std::string listen;
  std::optional<int> port;  // 0: any free one.
  std::string page;
  bool verbose = false;
};

Result<node::ServerConfig> configuration(const ServeOptions& options) {
  node::ServerConfig config;
  if (!options.config.empty()) {
    config = TRY(node::load_config(options.config));
  } else if (std::filesystem::exists("pasu.toml")) {
    config = TRY(node::load_config("pasu.toml"));
  } else {
    log::info("no pasu.toml here: starting with the defaults, cameras are added on the page");
  }
  if (!options.listen.empty()) config.listen = options.listen;
  if (options.port) config.port = *options.port;
  return config;
}

// A camera's name being looked up cannot be interrupted, and may take half a minute. Nothing is
// lost by ending without it: every change is on the disk once it is answered.
void end_within(std::chrono::seconds patience) {
  std::thread([patience] {
    std::this_thread::sleep_for(patience);
    log::warn("a camera does not let go; ending without it");
    std::_Exit(kDone);
  }).detach();
}

Result<void> serve(const ServeOptions& options) {
  raise_open_files_limit();
  const auto config = TRY(configuration(options));
  // A busy port is told before the model loads and cameras are called.
  auto door = TRY(api::Door::open(config.listen, static_cast<uint16_t>(config.port)));
  const auto node = TRY(node::Node::create(config));
  api::ServerOptions face;
  face.origins = config.origins;
  face.page_dir = options.page;
  const auto server = TRY(api::Server::start(*node, std::move(door), face));
  const std::string host = config.listen == "0.0.0.0" || config.listen == "::" ? "localhost"
                           : config.listen.find(':') != std::string::npos
                               ? "[" + config.listen + "]"
                               : config.listen;
  std::printf("pasu is watching. Open http://%s:%d/ (Ctrl-C ends it)\n", host.c_str(),
              server->port());
  std::fflush(stdout);
  release_program_pages();
  while (!stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  log::info("stopping");
  end_within(std::chrono::seconds(5));
  return {};
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("serve", "Watch cameras: the server with its page and API");
  auto options = std::make_shared<ServeOptions>();
  command->add_option("-c,--config", options->config,
                      "The configuration file (pasu.toml where it is there)");
  command->add_option("--listen", options->listen, "Address to answer at, over the file's");
  command
      ->add_option("--port", options->port, "Port to answer at, over the file's; 0 is any free one")
      ->check(CLI::Range(0, 65535));
  command->add_option("--page-dir", options->page, "Serve the page from this folder (development)");
  command->add_flag("-v,--verbose", options->verbose, "Log more");
  command->footer(
      "Examples:\n"
      "  pasu config example > pasu.toml   a commented configuration to begin with\n"
      "  pasu serve                        with ./pasu.toml, or with no camera yet\n"
      "  pasu serve -c /etc/pasu.toml --listen 0.0.0.0");
  command->callback([options, &exit_code] {
    if (options->verbose) log::set_level(log::Level::debug);
    if (const auto done = serve(*options); !done) exit_code = report(done.error());
  });
}

}  // namespace pasu::cli
