// --transport and --insecure, as every command has them that reads or sends streams.
#pragma once

#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include "net/client.h"

namespace pasu::cli {

inline void add_transport(CLI::App& command, net::ClientOptions& options) {
  using net::ClientTransport;
  const std::map<std::string, ClientTransport> names{{"auto", ClientTransport::automatic},
                                                     {"tcp", ClientTransport::tcp},
                                                     {"udp", ClientTransport::udp},
                                                     {"multicast", ClientTransport::multicast},
                                                     {"http", ClientTransport::http}};
  command
      .add_option("--transport", options.transport,
                  "Of RTSP: auto (UDP, and TCP where that fails), tcp, udp, multicast or http")
      ->transform(CLI::CheckedTransformer(names).description(""))
      ->type_name("HOW");
  command.add_flag_callback(
      "--insecure", [&options] { options.tls.verify = false; },
      "Take any certificate of rtsps and rtmps, also one that nobody signed");
}

}  // namespace pasu::cli
