// pasu config: the commented manual of the configuration, and a check of a file.
#include <cstdio>

#include "cli/command.h"
#include "node/config.h"

namespace pasu::cli {

void add_config(CLI::App& app, int& exit_code) {
  CLI::App* config = app.add_subcommand("config", "The server's configuration: example, check");
  config->require_subcommand(1);

  config->add_subcommand("example", "Print a commented pasu.toml")->callback([] {
    std::fputs(node::example_config().c_str(), stdout);
  });

  CLI::App* check = config->add_subcommand("check", "Say whether a configuration file is right");
  auto path = std::make_shared<std::string>("pasu.toml");
  check->add_option("FILE", *path, "The file")->capture_default_str();
  check->callback([path, &exit_code] {
    const auto read = node::load_config(*path);
    if (!read) {
      exit_code = report(read.error());
      return;
    }
    std::printf("%s: fine, %zu camera%s\n", path->c_str(), read->cameras.size(),
                read->cameras.size() == 1 ? "" : "s");
  });
}

}  // namespace pasu::cli
