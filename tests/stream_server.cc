// The streaming servers alone, for tests against other people's programs: stream_server [--rtmp N]
// [--rtmps N] [--threads N] [--user NAME --password WORD] [--declare PATH]...
//
// Listens on 127.0.0.1 (port 0: any free one) and says where in its first line. With a user,
// publishing needs that login. A line "remove PATH" on standard input ends a stream, any other line
// is answered by one of figures; at the end of the input the program ends.
#include <iostream>
#include <string>

#include "hub/registry.h"
#include "net/io_threads.h"
#include "net/rtmp_server.h"

namespace {

using namespace pasu;

struct Options {
  std::optional<uint16_t> rtmp, rtmps;
  size_t threads = 2;
  std::string user, password;
  std::vector<std::string> declared;
};

std::optional<Options> read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) return {};
    const std::string value = argv[i + 1];
    if (name == "--rtmp") {
      options.rtmp = static_cast<uint16_t>(std::stoi(value));
    } else if (name == "--rtmps") {
      options.rtmps = static_cast<uint16_t>(std::stoi(value));
    } else if (name == "--threads") {
      options.threads = std::stoul(value);
    } else if (name == "--user") {
      options.user = value;
    } else if (name == "--password") {
      options.password = value;
    } else if (name == "--declare") {
      options.declared.push_back(value);
    } else {
      return {};
    }
  }
  return options;
}

net::RtmpAccess access_of(const Options& options) {
  net::RtmpAccess access;
  const rtmp::Credentials login{options.user, options.password};
  access.allows = [login](const net::RtmpAccess::Request& request) {
    return request.right == net::RtmpAccess::Right::read || login.empty() ||
           request.credentials == login;
  };
  if (!login.empty()) {
    access.password_of = [login](const std::string& user) -> std::optional<std::string> {
      if (user != login.user) return {};
      return login.password;
    };
  }
  return access;
}

Result<void> serve(const Options& options) {
  hub::Registry registry;
  for (const auto& path : options.declared) TRY(registry.add(path));
  net::IoThreads threads(options.threads);
  net::RtmpServerOptions rtmp;
  if (options.rtmp) rtmp.plain = {.port = *options.rtmp};
  if (options.rtmps) {
    rtmp.encrypted = {.port = *options.rtmps};
    rtmp.tls = TRY(net::TlsContext::server({}));
  }
  const auto server =
      TRY(net::RtmpServer::start(threads, registry, std::move(rtmp), access_of(options)));
  std::cout << fmt::format("rtmp={} rtmps={}", server->port(), server->tls_port()) << std::endl;

  std::string line;
  while (std::getline(std::cin, line)) {
    if (line.starts_with("remove ")) {
      registry.remove(line.substr(7), "removed");
      continue;
    }
    const auto stats = server->stats();
    std::cout << fmt::format(
        "publishers={} readers={} connections={} denied={} refused={} "
        "failed={}",
        stats.publishers, stats.readers, stats.plain.connections + stats.encrypted.connections,
        stats.denied, stats.refused, stats.failed);
    for (const auto& stream : registry.streams()) {
      std::cout << fmt::format(" {}:units={},lost={}", stream->name(), stream->stats().units,
                               stream->stats().lost);
    }
    std::cout << std::endl;
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = read_options(argc, argv);
  if (!options) {
    std::cerr << "stream_server: wrong option; its source says which there are\n";
    return 2;
  }
  if (const auto served = serve(*options); !served) {
    std::cerr << served.error().message() << '\n';
    return 1;
  }
  return 0;
}
